package norma.cli.options;

import norma.probes.dimensions.StackChoice;
import picocli.CommandLine.Option;

/** Whose layers count, in a model of an encoder and a decoder. */
public final class StackOptions {
    @Option(
            names = "--stack",
            paramLabel = "STACK",
            description = "Layers of an encoder-decoder model: encoder, decoder or all (the default, which also reports"
                    + " each by itself). They are counted from 0 in each stack.")
    private String stack = "all";

    public StackChoice choice() {
        return Notation.stack(stack);
    }
}
