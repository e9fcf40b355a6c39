package norma.trainer.step;

import ai.djl.ndarray.NDManager;
import java.util.List;
import norma.datasets.random.CounterHash;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.Devices;
import norma.trainer.dropout.DropoutMasks;
import norma.trainer.dropout.DropoutSite;

/**
 * Dropout of a step's micro-batches: masks that Java makes, or a seed for the device's generator where the kernels draw
 * themselves. Either is a function of (seed, step, row).
 */
final class StepDropout {
    private final long seed;
    private final KernelSet kernels;
    private final DropoutMasks masks;

    StepDropout(long seed, KernelSet kernels) {
        this.seed = seed;
        this.kernels = kernels;
        masks = new DropoutMasks(seed, kernels.masksAttentionInBytes());
    }

    /**
     * Prepares a pass for a micro-batch.
     *
     * @param micro owns the masks
     * @param sites in the order of the forward pass
     * @param row the first one of the micro-batch within the step's batch
     * @param rows of the micro-batch
     */
    void draw(StepPass pass, NDManager micro, List<DropoutSite> sites, long step, int row, int rows) {
        if (!kernels.drawDropout()) {
            pass.setDropoutMasks(masks.masks(micro, sites, step, row, rows));
        } else if (sites.stream().anyMatch(site -> site.probability() > 0)) {
            long key = CounterHash.key(seed, "fused dropout", step, row);
            Devices.engine().setRandomSeed((int) (key ^ key >>> 32));
        }
    }
}
