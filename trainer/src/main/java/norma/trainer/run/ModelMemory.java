package norma.trainer.run;

import ai.djl.Device;
import java.util.List;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.ModelConfig;

/** Whether a model that is to be trained has room in this machine at all, before any array of it is asked for. */
public final class ModelMemory {
    private static final int COPIES = 4; // weights, gradients, two moments

    private ModelMemory() {}

    /**
     * Refuses a configuration whose parameters alone exceed the machine's memory.
     *
     * @param devices where it is to be trained; on others than CPUs only the weights must fit the machine too
     * @throws InvalidInputException with what the parameters take and what there is
     */
    public static void require(ModelConfig config, List<Device> devices) {
        boolean cpu = devices.stream().anyMatch(device -> !device.isGpu());
        require(config, cpu ? COPIES * devices.size() : 1, MachineMemory.total());
    }

    static void require(ModelConfig config, int copies, long available) {
        double needed = config.parameters() * Float.BYTES * copies;
        if (needed > available) {
            throw InvalidInputException.of(
                    "model",
                    "hidden_size, num_hidden_layers and the others",
                    String.format(
                            Locale.ROOT,
                            "%,.0f parameters, which take %s in training",
                            config.parameters(),
                            MachineMemory.size(needed)),
                    "at most the " + MachineMemory.size((double) available) + " of this machine");
        }
    }
}
