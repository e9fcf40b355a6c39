package norma.probes.dimensions;

import norma.datasets.batches.Batch;
import norma.trainer.model.LayerNormSite.Stack;

/** What a stack reads of a batch. */
public final class StackTokens {
    private StackTokens() {}

    /** The target where a decoder reads one beside the sequences; or else the sequences. */
    public static Batch of(Stack stack, Batch batch) {
        return stack == Stack.DECODER && batch.target() != null ? batch.decoded() : batch;
    }
}
