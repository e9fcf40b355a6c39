package norma.probes.evaluation;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Replacements;
import norma.datasets.objectives.Objective;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Masked sequences with other tokens in the places of the masks, for a model that is to find them: drawn from the
 * checkpoint's own generator, or at random where it has none. They are the same whenever they are made.
 *
 * @param maker what made them, in words
 * @param batches the sequences, in which every token has a label
 */
record ReplacedText(String maker, List<Batch> batches) {
    ReplacedText {
        batches = List.copyOf(batches);
    }

    /**
     * Makes them.
     *
     * @param network that makes the replacements, and its folder in a checkpoint
     * @param checkpoint whose folder may hold it
     */
    static ReplacedText of(String network, ProbedCheckpoint checkpoint, List<Batch> masked) {
        Path folder = checkpoint.folder().resolve(network);
        return Files.isRegularFile(new CheckpointFiles(folder).config())
                ? drawn(folder, masked)
                : random(checkpoint, masked);
    }

    /** On a CPU whatever the model is probed on, for the draws must not depend on that. */
    private static ReplacedText drawn(Path folder, List<Batch> masked) {
        List<Batch> replaced = new ArrayList<>();
        try (PretrainedModel generator = PretrainedModel.open(folder, Device.cpu())) {
            for (Batch batch : masked) {
                try (BatchState state = generator.advance(batch, 0)) {
                    replaced.add(Replacements.of(batch, generator.draws(state, Replacements.heldOutShares(batch))));
                }
            }
        }
        return new ReplacedText("tokens replaced by " + folder, replaced);
    }

    private static ReplacedText random(ProbedCheckpoint checkpoint, List<Batch> masked) {
        try (Tokenizer tokenizer = checkpoint.tokenizer()) {
            int[] ordinary = IntStream.range(0, tokenizer.vocabularySize())
                    .filter(id -> !tokenizer.isSpecial(id))
                    .toArray();
            return new ReplacedText(
                    "tokens replaced at random",
                    masked.stream()
                            .map(batch -> Replacements.of(batch, random(batch, ordinary)))
                            .toList());
        }
    }

    private static int[] random(Batch masked, int[] ordinary) {
        float[] shares = Replacements.heldOutShares(masked);
        return IntStream.range(0, shares.length)
                .map(i -> ordinary[(int) ((double) shares[i] * ordinary.length)])
                .toArray();
    }

    /** The evaluation of masked sequences by an objective, whose masks may have to be filled first. */
    static LanguageModelEvaluation evaluation(
            String source, Objective objective, List<Batch> masked, ProbedCheckpoint checkpoint) {
        LanguageModelEvaluation asItIs = new LanguageModelEvaluation(source, objective, masked);
        if (objective.madeBy().isEmpty()) {
            return asItIs;
        }
        ReplacedText text = of(objective.madeBy().get(), checkpoint, masked);
        return new LanguageModelEvaluation(
                source + ", " + text.maker(), objective.ofLabels(), text.batches(), asItIs.plain());
    }
}
