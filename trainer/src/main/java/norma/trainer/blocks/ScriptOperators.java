package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import norma.trainer.torchscript.TorchScript;

/** Operators of libtorch that DJL's arrays lack, compiled when the first of them is needed: most models need none. */
final class ScriptOperators implements AutoCloseable {
    /**
     * Of products with all 2 S distances those that the S keys have from each query, as a function of any kernels: (B,
     * A, S, 2S), one after the other in memory, to (B, A, S, S).
     */
    static final String SHIFTED = """
              def shifted(self: __torch__.Functions, wide: Tensor) -> Tensor:
                heads = torch.size(wide, 1)
                length = torch.size(wide, 2)
                head = torch.mul(torch.mul(length, length), 2)
                row = torch.sub(torch.mul(length, 2), 1)
                return torch.as_strided(wide, [torch.size(wide, 0), heads, length, length], [torch.mul(heads, head), head, row, 1], length)
            """;

    private static final String GELU_TANH = """
              def gelu_tanh(self: __torch__.Functions, x: Tensor) -> Tensor:
                return torch.gelu(x, approximate="tanh")
            """;

    private final NDManager manager;
    private TorchScript script; // null until it is needed

    /** Its functions belong to a manager. */
    ScriptOperators(NDManager manager) {
        this.manager = manager;
    }

    /**
     * Of products with all 2 S distances those that the S keys have from each query, the columns S - i to 2S - i - 1 of
     * query i (Dai et al. 2019, appendix B). They are read where they lie, as rows that begin one number earlier each;
     * the backward pass of DJL's slices would copy them twice.
     *
     * @param wide (B, A, S, 2S), as a matrix product makes it
     * @return (B, A, S, S), a view
     */
    NDArray shifted(NDArray wide) {
        return call("shifted", wide);
    }

    /**
     * 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel 2016, section 2), which would be nine
     * operators of DJL's.
     */
    NDArray geluTanh(NDArray x) {
        return call("gelu_tanh", x);
    }

    private NDArray call(String function, NDArray argument) {
        return script().call(function, new NDList(argument)).singletonOrThrow();
    }

    private synchronized TorchScript script() {
        if (script == null) {
            script = TorchScript.compile(manager, SHIFTED + GELU_TANH);
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
