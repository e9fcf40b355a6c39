package norma.trainer.step;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.device.Upload;
import norma.trainer.torchscript.TorchScript;

/**
 * Adds up the gradients of replicas on several devices, always in the same order, and gives each replica a copy of the
 * same sum. All of a replica's gradients travel as one array, in which each begins at a multiple of 16 bytes: where one
 * does not, AdamW's kernel on a GPU reads the numbers one by one.
 */
final class GradientSum implements AutoCloseable {
    private static final String FUNCTIONS = """
              def join(self: __torch__.Functions, arrays: List[Tensor]) -> Tensor:
                flat = annotate(List[Tensor], [])
                for i in range(torch.len(arrays)):
                  piece = torch.reshape(arrays[i], [-1])
                  gap = torch.remainder(torch.neg(torch.numel(piece)), 4)
                  _0 = torch.append(flat, piece)
                  _1 = torch.append(flat, torch.new_zeros(piece, [gap]))
                return torch.cat(flat, 0)
              def split(self: __torch__.Functions, flat: Tensor, like: List[Tensor]) -> List[Tensor]:
                parts = annotate(List[Tensor], [])
                at = 0
                for i in range(torch.len(like)):
                  end = torch.add(at, torch.numel(like[i]))
                  _0 = torch.append(parts, torch.view(torch.slice(flat, 0, at, end), torch.size(like[i])))
                  at = torch.add(end, torch.remainder(torch.neg(torch.numel(like[i])), 4))
                return parts
            """;

    private final TorchScript script;

    GradientSum(NDManager manager) {
        script = TorchScript.compile(manager, FUNCTIONS);
    }

    /**
     * The sums.
     *
     * @param gradients a list for each replica, alike but for the device; used up by this
     * @param uploads to each replica's device
     * @param scopes owners of the result, a manager on each replica's device
     * @return a list for each replica
     */
    List<List<PtNDArray>> of(List<List<PtNDArray>> gradients, List<Upload> uploads, List<NDManager> scopes) {
        PtNDArray total = join(gradients.get(0), scopes.get(0));
        for (int i = 1; i < gradients.size(); i++) {
            try (PtNDArray more = join(gradients.get(i), scopes.get(i));
                    PtNDArray here = uploads.get(0).move(scopes.get(0), more)) {
                total = total.add(here); // not in place: scripts give inference tensors
            }
        }
        List<List<PtNDArray>> sums = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            // A copy for each: AdamW scales its gradients in place.
            PtNDArray own = i == 0 ? total : uploads.get(i).move(scopes.get(i), total);
            sums.add(split(own, gradients.get(i), scopes.get(i)));
        }
        return sums;
    }

    private PtNDArray join(List<PtNDArray> arrays, NDManager scope) {
        try (IValue result = script.run("join", TorchScript.list(arrays))) {
            return result.toTensor((PtNDManager) scope);
        }
    }

    private List<PtNDArray> split(PtNDArray flat, List<PtNDArray> like, NDManager scope) {
        try (IValue result = script.run("split", IValue.from(flat), TorchScript.list(like))) {
            return List.of(result.toTensorArray((PtNDManager) scope));
        }
    }

    @Override
    public void close() {
        script.close();
    }
}
