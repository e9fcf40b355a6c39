package norma.trainer.run;

import ai.djl.Device;
import java.util.List;
import java.util.Locale;
import norma.trainer.device.CudaDriver;
import norma.trainer.step.StepMemory;

/**
 * The most memory that a training takes, in the machine or on each card: the arrays, and in the machine besides what
 * lies idle between them, Java and libtorch ({@link MachineMemory#process}), and a batch in Java. Prepared text is
 * mapped, so the system takes its pages back when it needs them.
 *
 * @param step the arrays of one replica
 * @param devices one for each replica, of one kind
 * @param tokens of a batch
 */
public record TrainingMemory(StepMemory step, List<Device> devices, long tokens) {
    /**
     * What a step's arrays take in glibc's heap, over their bytes: a hole that an array has left does not hold another
     * one of the same size, since both begin at a multiple of 64 bytes, and smaller things settle in it. Measured at
     * 1.3 to 2.0 with the settings of {@code ./norma}.
     */
    private static final double HOLES = 1.6;

    /** The same of logits, the largest arrays, which fit the fewest holes. */
    private static final double HOLES_OF_LOGITS = 2;

    /** Java's arrays for each token of a batch. */
    private static final int BATCH_BYTES = 24;

    public TrainingMemory {
        devices = List.copyOf(devices);
    }

    /** Bytes that are taken at most, of the machine or of one card. */
    public double bytes() {
        return onCards() ? step.bytes() : devices.size() * (step.bytes() + holes()) + process();
    }

    private boolean onCards() {
        return devices.get(0).isGpu();
    }

    private double holes() {
        double others = step.transientBytes() - step.logits();
        return (HOLES - 1) * others + (HOLES_OF_LOGITS - 1) * step.logits();
    }

    private double process() {
        return MachineMemory.process() + (double) BATCH_BYTES * tokens;
    }

    /** Bytes that are free for this process in the machine, or all of the smallest card's. */
    public static double free(List<Device> devices) {
        return devices.get(0).isGpu() ? cards(devices) : MachineMemory.available();
    }

    /** All bytes of the machine or of the smallest card. */
    public static double total(List<Device> devices) {
        return devices.get(0).isGpu() ? cards(devices) : MachineMemory.total();
    }

    private static double cards(List<Device> devices) {
        List<CudaDriver.Card> cards = CudaDriver.ask().cards();
        return devices.stream()
                .mapToDouble(device -> cards.get(device.getDeviceId()).memoryBytes())
                .min()
                .orElseThrow();
    }

    /** What {@link #free} counts. */
    public static String place(List<Device> devices) {
        return devices.get(0).isGpu() ? "on the card" : "free in this machine";
    }

    /** One line for people, with what it consists of and what there is. */
    public String line(double free) {
        int copies = onCards() ? 1 : devices.size();
        String arrays = String.format(
                Locale.ROOT,
                "weights and moments %s, gradients %s, activations with dropout masks %s, logits or a layer's own arrays %s",
                MachineMemory.size(copies * step.weights()),
                MachineMemory.size(copies * (step.gradients() + step.other())),
                MachineMemory.size(copies * step.kept()),
                MachineMemory.size(copies * Math.max(step.logits(), step.besides())));
        String rest = onCards()
                ? ""
                : ", holes between arrays " + MachineMemory.size(copies * holes()) + ", Java and libtorch "
                        + MachineMemory.size(process());
        return "memory: about " + MachineMemory.size(bytes()) + " (" + arrays + rest + "), " + MachineMemory.size(free)
                + " " + place(devices);
    }
}
