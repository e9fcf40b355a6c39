package norma.cli.options;

import norma.probes.dimensions.StackChoice;
import picocli.CommandLine.Option;

/** Whose layers count, in a model of an encoder and a decoder. */
public final class StackOptions {
    @Option(
            names = "--stack",
            description =
                    "Layers of the encoder, of the decoder, or all (the default). In a model with both, all also says what "
                            + "each shows by itself. Layers are counted from 0 in each.")
    private String stack = "all";

    public StackChoice choice() {
        return Notation.stack(stack);
    }
}
