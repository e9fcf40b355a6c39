package norma.cli.options;

import ai.djl.Device;
import norma.trainer.device.Devices;
import picocli.CommandLine.Option;

/** Where a command computes. */
public final class DeviceOptions {
    @Option(names = "--device", description = "cpu (the default), gpu or gpu:N.")
    private String device = "cpu";

    /**
     * The device.
     *
     * @throws norma.datasets.base.InvalidInputException if there is none of that name here
     */
    public Device device() {
        return Devices.parse(device);
    }
}
