package norma.cli.probes;

import norma.cli.options.Notation;
import norma.cli.options.StackOptions;
import norma.probes.dimensions.SiteChoice;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which LayerNorms of a model are meant. */
final class SiteOptions {
    @Option(
            names = "--sites",
            paramLabel = "SITES",
            description =
                    "LayerNorms: output (the default: the last of each layer), attention, feed-forward, embeddings,"
                            + " final, several of these with commas between, or all.")
    private String sites = "output";

    @Mixin
    private StackOptions stack;

    SiteChoice choice() {
        return Notation.sites(sites, stack.choice());
    }
}
