package norma.trainer.pretrained;

import ai.djl.Device;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.trainer.blocks.ActivationMemory;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.Head;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.run.MachineMemory;
import norma.trainer.run.TrainingMemory;

/**
 * The most memory that the arrays take with which a model reads batches without a way back: its weights, what one layer
 * makes, and the logits of the predicted positions. By the shapes alone, before a batch is read.
 */
public final class ReadingMemory {
    /** What arrays take in glibc's heap over their bytes, as {@link TrainingMemory} has it. */
    private static final double HOLES = 1.6;

    private final ModelConfig config;
    private final boolean vocabulary;
    private final Device device;
    private final Batch largest;

    private ReadingMemory(ModelConfig config, boolean vocabulary, Device device, Batch largest) {
        this.config = config;
        this.vocabulary = vocabulary;
        this.device = device;
        this.largest = largest;
    }

    /**
     * Of a model and all that it is to read.
     *
     * @param batches at least one
     */
    public static ReadingMemory of(PretrainedModel model, Collection<Batch> batches) {
        Batch largest = batches.stream()
                .max(Comparator.comparingLong(batch -> (long) batch.rows() * batch.length() * batch.length()))
                .orElseThrow();
        return new ReadingMemory(model.config(), model.heads().contains(Head.LANGUAGE_MODEL), model.device(), largest);
    }

    /** Bytes that are taken at most. */
    public double bytes() {
        return bytes(largest.rows());
    }

    private double bytes(int rows) {
        KernelSet.Choice choice = KernelSet.Choice.of(device, Precision.FLOAT32);
        double layer = ActivationMemory.of(config, choice).inference(rows, largest.length());
        double predictions = (double) largest.predictedPositions().length * rows / largest.rows();
        double logits = vocabulary ? 2.0 * Float.BYTES * predictions * config.vocabSize() : 0;
        return config.parameters() * Float.BYTES + HOLES * (layer + logits);
    }

    /** One line for people, with what there is. */
    public String line() {
        return line(free());
    }

    String line(double free) {
        return String.format(
                Locale.ROOT,
                "memory: about %s for arrays (weights %s, %,d sequences of %,d tokens at once), %s %s",
                MachineMemory.size(bytes()),
                MachineMemory.size(config.parameters() * Float.BYTES),
                largest.rows(),
                largest.length(),
                MachineMemory.size(free),
                TrainingMemory.place(List.of(device)));
    }

    private double free() {
        return TrainingMemory.free(List.of(device));
    }

    /**
     * Refuses batches that a machine or a card has no room for.
     *
     * @throws InvalidInputException naming the number of sequences that it has room for
     */
    public void require() {
        require(free());
    }

    void require(double free) {
        if (bytes() <= free) {
            return;
        }
        String fitting = IntStream.iterate(largest.rows(), rows -> rows >= 1, rows -> rows / 2)
                .filter(rows -> bytes(rows) <= free)
                .mapToObj(rows -> "at most about " + rows)
                .findFirst()
                .orElse("a smaller model or shorter sequences");
        throw InvalidInputException.setting(
                "batch_size",
                largest.rows(),
                fitting + ": " + largest.rows() + " sequences of " + largest.length() + " tokens in memory at once take"
                        + " about " + MachineMemory.size(bytes()) + ", and there are " + MachineMemory.size(free) + " "
                        + TrainingMemory.place(List.of(device)));
    }
}
