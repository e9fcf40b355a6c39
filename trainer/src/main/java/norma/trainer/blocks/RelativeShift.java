package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import norma.trainer.torchscript.TorchScript;

/**
 * Of products with all 2 S distances those that the S keys have from each query, the columns S - i to 2S - i - 1 of
 * query i (Dai et al. 2019, appendix B). They are read where they lie, as rows that begin one number earlier each; the
 * backward pass of DJL's slices would copy them twice.
 */
final class RelativeShift implements AutoCloseable {
    /** As a function of any kernels: (B, A, S, 2S), one after the other in memory, to (B, A, S, S). */
    static final String FUNCTION = """
              def shifted(self: __torch__.Functions, wide: Tensor) -> Tensor:
                heads = torch.size(wide, 1)
                length = torch.size(wide, 2)
                head = torch.mul(torch.mul(length, length), 2)
                row = torch.sub(torch.mul(length, 2), 1)
                return torch.as_strided(wide, [torch.size(wide, 0), heads, length, length], [torch.mul(heads, head), head, row, 1], length)
            """;

    private final NDManager manager;
    private TorchScript script; // null until it is needed: most models have no relative attention

    /** Its function belongs to a manager. */
    RelativeShift(NDManager manager) {
        this.manager = manager;
    }

    /** (B, A, S, 2S), as a matrix product makes it, to (B, A, S, S), a view. */
    NDArray of(NDArray wide) {
        return script().call("shifted", new NDList(wide)).singletonOrThrow();
    }

    private synchronized TorchScript script() {
        if (script == null) {
            script = TorchScript.compile(manager, FUNCTION);
        }
        return script;
    }

    @Override
    public synchronized void close() {
        if (script != null) {
            script.close();
        }
    }
}
