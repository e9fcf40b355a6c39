package norma.trainer.pretraining;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.tokenizer.PublishedTokenizer;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerChoices;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.datasets.tokenizer.TokenizerFiles;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.run.RunListener;

/**
 * What a pre-training would take, reckoned from its configuration alone: no text is read and no array is made.
 *
 * @param vocabulary tokens that are reckoned with: a given tokenizer's, or as many as a trained one may have
 * @param parameters of all networks together
 * @param tokens that the run trains on, padding counted
 * @param memoryBytes at most, of the machine or of one card
 * @param diskBytes at most
 * @param operations floating-point operations of matrix products, of all steps and evaluations
 */
public record RunEstimate(
        int vocabulary, long parameters, long tokens, double memoryBytes, long diskBytes, double operations) {
    /** Of a tokenizer.json, measured at 27 to 34 for each token. */
    private static final int BYTES_OF_A_TOKEN = 34;

    private static final double FORWARD = 1.0 / 3; // of a step, whose backward pass is twice the forward one

    /**
     * Of a configuration.
     *
     * @param devices that it is trained on
     * @throws norma.datasets.base.InvalidInputException if its tokenizer is given and cannot be read
     */
    public static RunEstimate of(RunConfig config, List<Device> devices) {
        int vocabulary = config.model().vocabSize() == null
                ? vocabulary(config.tokenizer())
                : config.model().vocabSize();
        RunConfig sized = config.forVocabulary(vocabulary);
        sized = new MemoryEstimate(sized, devices).decided(RunListener.NONE);
        Map<String, Network> networks = Architectures.of(sized.model())
                .pretraining(sized.model(), sized.data().toObjective(), sized.seed())
                .networks();
        int arrays = 1 + sized.optimizer().settings().state().size();
        long stored =
                networks.values().stream().mapToLong(RunEstimate::parameters).sum();
        DiskEstimate disk = DiskEstimate.of(
                sized,
                new SnapshotLayout(PretrainingModel.sites(networks)),
                arrays * stored * Float.BYTES,
                (long) BYTES_OF_A_TOKEN * vocabulary,
                RunOrigin.NOTHING_WRITTEN,
                Set.of());
        return new RunEstimate(
                vocabulary,
                parameters(networks.values()),
                sized.training().steps()
                        * sized.training().batchSize()
                        * sized.data().sequenceLength(),
                new MemoryEstimate(sized, devices)
                        .bytes(sized.training().microBatchSize().rows()),
                disk.atMost(),
                operations(sized));
    }

    /** Of a run with all its evaluations. */
    private static double operations(RunConfig config) {
        int batch = config.training().batchSize();
        double step = LaunchEstimate.of(config, batch).flops();
        long steps = config.training().steps();
        double evaluations = Math.ceil((double) steps / config.evaluation().every()) + 1;
        return steps * step + evaluations * config.evaluation().examples() * step / batch * FORWARD;
    }

    private static long parameters(Network network) {
        return parameters(List.of(network));
    }

    /** What networks share counts once. */
    static long parameters(Collection<Network> networks) {
        return networks.stream()
                .flatMap(network -> network.parameters().stream())
                .distinct()
                .mapToLong(parameter -> parameter.getShape().size())
                .sum();
    }

    private static int vocabulary(TokenizerConfig config) {
        if (config.path() == null) {
            return config.vocabSize();
        }
        try (Tokenizer given = PublishedTokenizer.read(
                        TokenizerFiles.of(Path.of(config.path())), TokenizerChoices.NONE.ignoringSettings(true))
                .tokenizer()) {
            return given.vocabularySize();
        }
    }
}
