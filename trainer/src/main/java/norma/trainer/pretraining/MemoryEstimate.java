package norma.trainer.pretraining;

import ai.djl.Device;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.KernelSet;
import norma.trainer.config.MicroBatchSize;
import norma.trainer.config.RunConfig;
import norma.trainer.model.Network;
import norma.trainer.run.MachineMemory;
import norma.trainer.run.ModelMemory;
import norma.trainer.run.RunListener;
import norma.trainer.run.TrainingMemory;
import norma.trainer.step.StepMemory;

/** The most memory that a pre-training takes, for any number of sequences at once; see {@link TrainingMemory}. */
final class MemoryEstimate {
    /** What auto leaves free. */
    private static final double RESERVE = 0.1;

    private final RunConfig config;
    private final List<Device> devices;
    private final Collection<Network> networks;
    private final boolean gpu;

    /** Of a run whose model knows its vocabulary; no array is made. */
    MemoryEstimate(RunConfig config, List<Device> devices) {
        this.config = config;
        this.devices = devices;
        networks = Architectures.of(config.model())
                .pretraining(config.model(), config.data().toObjective(), config.seed())
                .networks()
                .values();
        gpu = devices.get(0).isGpu();
    }

    /**
     * The same run with its micro-batch decided, if this machine has the memory for it, which is said.
     *
     * @throws InvalidInputException if it has not
     */
    static RunConfig fitted(RunConfig config, List<Device> devices, RunListener listener) {
        ModelMemory.require(config.model(), devices);
        RunConfig decided = new MemoryEstimate(config, devices).decided(listener);
        new MemoryEstimate(decided, devices).require(listener);
        return decided;
    }

    /** With so many sequences in memory at once. */
    TrainingMemory of(int rows) {
        int length = config.data().rowLength();
        StepMemory step = StepMemory.of(
                networks,
                config.optimizer().settings(),
                KernelSet.Choice.of(devices.get(0), config.training().precision()),
                new StepMemory.MicroBatch(rows, length, predictions(config), rows < share()));
        return new TrainingMemory(step, devices, (long) config.training().batchSize() * length);
    }

    /** Predicted positions of a sequence, the mean. */
    static double predictions(RunConfig config) {
        return config.data().toObjective().predictionsOf(config.data().sequenceLength());
    }

    /** Bytes that are taken at most. */
    double bytes(int rows) {
        return of(rows).bytes();
    }

    private int share() {
        return config.training().batchSize() / devices.size();
    }

    /**
     * The same run with {@code training.micro_batch_size} decided where it was left to this machine: the largest
     * divisor of a device's share of the batch that fits nine tenths of all its memory, whatever else is running; 1 if
     * none does.
     */
    RunConfig decided(RunListener listener) {
        if (!config.training().microBatchSize().isAuto()) {
            return config;
        }
        return decided(listener, (1 - RESERVE) * TrainingMemory.total(devices));
    }

    RunConfig decided(RunListener listener, double room) {
        int rows = largest(room).orElse(1);
        listener.message("training.micro_batch_size: auto is " + rows + " here, of " + share() + " sequences, in "
                + MachineMemory.size(room));
        return config.withMicroBatchSize(new MicroBatchSize(rows));
    }

    private OptionalInt largest(double room) {
        return IntStream.iterate(share(), rows -> rows >= 1, rows -> rows - 1)
                .filter(rows -> share() % rows == 0 && (gpu || rows <= config.mostMaskedRows()))
                .filter(rows -> bytes(rows) <= room)
                .findFirst();
    }

    /**
     * Says what the run needs, and refuses a machine or a card without that much room.
     *
     * @throws InvalidInputException naming the settings that make it less
     */
    void require(RunListener listener) {
        require(listener, TrainingMemory.free(devices));
    }

    void require(RunListener listener, double free) {
        int rows = config.training().microBatchSize().rows();
        listener.message(of(rows).line(free));
        if (bytes(rows) <= free) {
            return;
        }
        OptionalInt fitting = largest(free);
        int least = fitting.isPresent() ? rows : 1;
        throw InvalidInputException.of(
                "config",
                "training.micro_batch_size",
                rows,
                (fitting.isPresent() ? "at most " + fitting.getAsInt() : "a smaller model")
                        + " or a smaller data.sequence_length: " + least + " sequences of "
                        + config.data().sequenceLength() + " tokens in memory at once take about "
                        + MachineMemory.size(bytes(least)) + ", and there are " + MachineMemory.size(free) + " "
                        + TrainingMemory.place(devices));
    }
}
