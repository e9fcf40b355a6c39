package norma.trainer.finetuning;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import norma.datasets.base.Counted;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.run.DiskSpace;
import norma.trainer.run.RunListener;
import norma.trainer.safetensors.SafetensorsFile;

/**
 * What a fine-tuning writes, in bytes.
 *
 * @param seed what a seed leaves: the model of its best epoch, its recording, metrics and predictions
 * @param working what a seed in training needs besides: two checkpoints of weights and moments, one being written, and
 *     a better model beside the best one so far
 */
record FinetuningDisk(long seed, long working) {
    private static final int BLOCK = 4096;
    private static final int FILES = 16;
    private static final int LINE = 200;
    private static final int EVENTS = 200; // three of a step
    private static final int PREDICTION = 60;

    /** Of a fine-tuning from a checkpoint folder. */
    static FinetuningDisk of(FinetuningInputs inputs) throws IOException {
        CheckpointFiles checkpoint = new CheckpointFiles(Path.of(inputs.config().checkpoint()));
        long weights = 0;
        try (SafetensorsFile file = SafetensorsFile.open(checkpoint.weights())) {
            for (String name : file.names()) {
                weights += Float.BYTES * Arrays.stream(file.shape(name)).reduce(1, (a, b) -> a * b);
            }
        }
        long tokenizer = Files.size(checkpoint.tokenizer());
        long predictions = inputs.task().devs().stream()
                .flatMap(dev -> dev.examples().stream())
                .mapToLong(example -> PREDICTION
                        + example.text().length()
                        + (example.textPair() == null ? 0 : example.textPair().length()))
                .sum();
        long recording = LayerNormRecorder.bytesNeeded(
                inputs.parentLayout(), inputs.steps(), inputs.config().record().every());
        long model = weights + tokenizer;
        return new FinetuningDisk(
                model + recording + inputs.steps() * (LINE + EVENTS) + predictions + FILES * BLOCK,
                6 * weights + 3 * model);
    }

    /**
     * Refuses a disk without room for the seeds that have not ended.
     *
     * @param folder that exists, on the disk
     * @param unfinished folders of these seeds; what they hold is there already, or is replaced
     */
    void require(Path folder, List<Path> unfinished, RunListener listener) throws IOException {
        long there = 0;
        for (Path each : unfinished) {
            there += DiskSpace.bytesOf(each);
        }
        DiskSpace.require(
                folder,
                Math.max(0, unfinished.size() * seed + (unfinished.isEmpty() ? 0 : working) - there),
                String.format(
                        Locale.ROOT,
                        "%s of %s, and %s while one is trained",
                        Counted.of(unfinished.size(), "seed"),
                        DiskSpace.mebibytes(seed),
                        DiskSpace.mebibytes(working)),
                "fewer seeds and a larger record.every",
                listener);
    }
}
