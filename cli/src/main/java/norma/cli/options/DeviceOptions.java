package norma.cli.options;

import ai.djl.Device;
import norma.trainer.device.Devices;
import picocli.CommandLine.Option;

/** Where a command computes. */
public final class DeviceOptions {
    @Option(names = "--device", paramLabel = "DEVICE", description = "Device: cpu (the default), gpu or gpu:N.")
    private String device = "cpu";

    /** Its name, as it was given. */
    public String name() {
        return device;
    }

    /**
     * The device.
     *
     * @throws norma.datasets.base.InvalidInputException if there is none of that name here
     */
    public Device device() {
        return Devices.parse(device);
    }
}
