package norma.trainer.pretrained;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import norma.datasets.batches.Batch;

/**
 * A batch on its way through a {@link PretrainedModel}: the sum that a LayerNorm site takes. Whatever is edited in the
 * model at this site or later, the state stays valid, so many ablations can go on from one.
 */
public final class BatchState implements AutoCloseable {
    private final NDManager manager;
    private final Batch batch;
    private final int site;
    private final NDArray sum;
    private final NDArray attentionBias;

    BatchState(NDManager manager, Batch batch, int site, NDArray sum, NDArray attentionBias) {
        this.manager = manager;
        this.batch = batch;
        this.site = site;
        this.sum = sum;
        this.attentionBias = attentionBias;
    }

    /** The batch. */
    public Batch batch() {
        return batch;
    }

    /** The site, an index into {@link PretrainedModel#layerNormSites}. */
    public int site() {
        return site;
    }

    /** What the site's LayerNorm takes, (B*S, H). */
    NDArray sum() {
        return sum;
    }

    /** (B, 1, 1, S), or null without padding. */
    NDArray attentionBias() {
        return attentionBias;
    }

    @Override
    public void close() {
        manager.close();
    }
}
