package norma.trainer.pretraining;

import ai.djl.Device;
import java.util.Collections;
import java.util.List;
import norma.trainer.config.RunConfig;
import norma.trainer.run.RunListener;

/**
 * What a pre-training would take on a machine that it is not on yet.
 *
 * @param config of the run, with its micro-batch decided
 * @param bytes of main memory that its process takes at most, by estimate
 */
public record RunMemory(RunConfig config, double bytes) {
    /**
     * Of a run on CPUs.
     *
     * @param config whose model knows its vocabulary
     * @param room bytes that {@code training.micro_batch_size: auto} may fill
     */
    public static RunMemory of(RunConfig config, double room) {
        List<Device> devices = Collections.nCopies(config.device().split(",").length, Device.cpu());
        RunConfig decided = config.training().microBatchSize().isAuto()
                ? new MemoryEstimate(config, devices).decided(RunListener.NONE, room)
                : config;
        int rows = decided.training().microBatchSize().rows();
        return new RunMemory(decided, new MemoryEstimate(decided, devices).bytes(rows));
    }
}
