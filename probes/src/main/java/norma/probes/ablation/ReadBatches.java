package norma.probes.ablation;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Batches that a model has read up to a stage, for every ablation that goes on from there. As many as fit into a share
 * of memory are kept so; the others are read anew each time.
 */
final class ReadBatches implements Iterable<BatchState>, AutoCloseable {
    private final PretrainedModel model;
    private final List<Batch> batches;
    private final int stage;
    private final List<BatchState> kept = new ArrayList<>();
    private BatchState passing; // the one that was read anew last

    private ReadBatches(PretrainedModel model, List<Batch> batches, int stage) {
        this.model = model;
        this.batches = batches;
        this.stage = stage;
    }

    /**
     * Reads them.
     *
     * @param stage that none of the edited parameters is read before
     * @param mostBytes of hidden states that are kept
     * @param progress told of the batches
     */
    static ReadBatches of(PretrainedModel model, List<Batch> batches, int stage, long mostBytes, Progress progress) {
        ReadBatches read = new ReadBatches(model, batches, stage);
        try {
            long bytes = 0;
            for (Batch batch : batches) {
                BatchState state = model.advance(batch, stage);
                bytes += state.bytes();
                if (bytes > mostBytes) {
                    state.close();
                    break;
                }
                read.kept.add(state);
                progress.update("reading examples", read.kept.size(), batches.size(), "batches");
            }
            return read;
        } catch (RuntimeException e) {
            read.close();
            throw e;
        }
    }

    /** How many are kept. */
    int kept() {
        return kept.size();
    }

    /** In their order; one that is not kept is there until the next one is asked for. */
    @Override
    public Iterator<BatchState> iterator() {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                if (next == batches.size()) {
                    release();
                }
                return next < batches.size();
            }

            @Override
            public BatchState next() {
                if (next >= batches.size()) {
                    throw new NoSuchElementException();
                }
                release();
                int index = next++;
                if (index < kept.size()) {
                    return kept.get(index);
                }
                passing = model.advance(batches.get(index), stage);
                return passing;
            }
        };
    }

    private void release() {
        if (passing != null) {
            passing.close();
            passing = null;
        }
    }

    @Override
    public void close() {
        release();
        kept.forEach(BatchState::close);
    }
}
