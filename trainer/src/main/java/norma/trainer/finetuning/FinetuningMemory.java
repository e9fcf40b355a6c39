package norma.trainer.finetuning;

import ai.djl.Device;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.SettingMention;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.KernelSet;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.config.MicroBatchSize;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.run.MachineMemory;
import norma.trainer.run.RunListener;
import norma.trainer.run.TrainingMemory;
import norma.trainer.step.StepMemory;

/** The most memory that a fine-tuning takes, for any number of examples at once; see {@link TrainingMemory}. */
final class FinetuningMemory {
    /** What auto leaves free. */
    private static final double RESERVE = 0.1;

    /**
     * Bytes of activations that a CPU keeps at once where nobody has decided: beyond them a part of the batch takes no
     * longer for each example than the whole.
     */
    private static final double USUAL_ACTIVATIONS = 2L << 30;

    private final FinetuneConfig config;
    private final Network network;
    private final List<Device> devices;

    /**
     * Of a classifier on a model.
     *
     * @param config with every default decided
     * @param outputs of the classifier
     */
    FinetuningMemory(FinetuneConfig config, ModelConfig model, int outputs, Device device) {
        this.config = config;
        network = Architectures.of(model).classifier(model, outputs, config.seed());
        devices = List.of(device);
    }

    /**
     * A fine-tuning with its micro-batch decided. {@code auto} leaves it to this machine: the fewest equal parts of the
     * batch of which one fits nine tenths of all its memory, whatever else is running; single examples if none does.
     * Where nobody said anything, it is the same on every machine.
     *
     * @param config with everything else decided
     * @param said told of the decision
     */
    static FinetuneConfig decided(
            FinetuneConfig config, ModelConfig model, int outputs, Device device, Consumer<String> said) {
        if (config.microBatchSize() != null && !config.microBatchSize().isAuto()) {
            return config;
        }
        FinetuningMemory memory = new FinetuningMemory(config, model, outputs, device);
        if (config.microBatchSize() == null) {
            return config.withMicroBatchSize(new MicroBatchSize(memory.usual()));
        }
        double room = (1 - RESERVE) * TrainingMemory.total(List.of(device));
        int rows = memory.largest(room);
        said.accept(SettingMention.of("micro_batch_size") + ": auto is " + rows + " here, of " + config.batchSize()
                + " examples, in " + MachineMemory.size(room));
        return config.withMicroBatchSize(new MicroBatchSize(rows));
    }

    int usual() {
        return devices.get(0).isGpu()
                ? config.batchSize()
                : largest(rows -> of(rows).step().kept() <= USUAL_ACTIVATIONS);
    }

    int largest(double room) {
        return largest(rows -> of(rows).bytes() <= room);
    }

    private int largest(IntPredicate fits) {
        return IntStream.rangeClosed(1, config.batchSize())
                .map(parts -> (config.batchSize() + parts - 1) / parts)
                .distinct()
                .filter(fits)
                .findFirst()
                .orElse(1);
    }

    /** Where every example is as long as they may be. */
    TrainingMemory of(int rows) {
        int length = config.maxLength();
        StepMemory step = StepMemory.of(
                List.of(network),
                config.optimizer().settings(),
                KernelSet.Choice.of(devices.get(0), config.precision()),
                new StepMemory.MicroBatch(rows, length, 0, rows < config.batchSize()));
        return new TrainingMemory(step, devices, (long) config.batchSize() * length);
    }

    /**
     * Says what the fine-tuning needs, and refuses a machine or a card without that much room.
     *
     * @throws InvalidInputException naming the settings that make it less
     */
    void require(RunListener listener) {
        require(listener, TrainingMemory.free(devices));
    }

    void require(RunListener listener, double free) {
        int rows = Math.min(config.microBatchSize().rows(), config.batchSize());
        TrainingMemory needed = of(rows);
        listener.message(needed.line(free));
        if (needed.bytes() <= free) {
            return;
        }
        String fitting = IntStream.iterate(rows, fewer -> fewer >= 1, fewer -> fewer / 2)
                .filter(fewer -> of(fewer).bytes() <= free)
                .mapToObj(fewer -> "at most about " + fewer)
                .findFirst()
                .orElse("a smaller model");
        throw InvalidInputException.of(
                "finetune",
                "micro_batch_size",
                rows,
                fitting + " or a smaller " + SettingMention.of("max_length") + ": " + rows + " examples of "
                        + config.maxLength() + " tokens in memory at once take about "
                        + MachineMemory.size(needed.bytes()) + ", and there are " + MachineMemory.size(free) + " "
                        + TrainingMemory.place(devices));
    }
}
