package norma.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.TaskKind;
import norma.trainer.blocks.CrossEntropy;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Upload;
import norma.trainer.model.Losses;
import norma.trainer.torchscript.TorchScript;

/**
 * The losses of Hugging Face's sequence classifiers, as sums with their gradients by the formula: for one class
 * cross-entropy (mean over rows), for several labels binary cross-entropy with logits (mean over rows and labels), for
 * a number the squared error (mean over rows).
 */
final class TaskLoss implements AutoCloseable {
    private static final String FUNCTIONS = """
              def squared_error(self: __torch__.Functions, logits: Tensor, targets: Tensor) -> Tuple[Tensor, Tensor]:
                difference = torch.sub(logits, targets)
                loss = torch.sum(torch.mul(difference, difference), dtype=7)
                return (loss, torch.mul(difference, 2))
              def binary_cross_entropy(self: __torch__.Functions, logits: Tensor, targets: Tensor) -> Tuple[Tensor, Tensor]:
                losses = torch.binary_cross_entropy_with_logits(logits, targets, None, None, 0)
                return (torch.sum(losses, dtype=7), torch.sub(torch.sigmoid(logits), targets))
            """;

    private final TaskKind kind;
    private final TorchScript script;
    private final CrossEntropy crossEntropy;
    private final Upload upload;

    /**
     * For a device.
     *
     * @param withoutWaiting whether the form is taken that never looks at a value
     */
    TaskLoss(NDManager manager, TaskKind kind, Upload upload, DeviceReads reads, boolean withoutWaiting) {
        this.kind = kind;
        this.upload = upload;
        script = TorchScript.compile(manager, FUNCTIONS);
        crossEntropy = new CrossEntropy(manager, reads, withoutWaiting);
    }

    /** The losses of the device. */
    Losses crossEntropy() {
        return crossEntropy;
    }

    /** What a sum over so many rows is divided by to give the mean loss. */
    double terms(int rows) {
        return kind instanceof TaskKind.MultiLabel ? (double) rows * kind.outputs() : rows;
    }

    /**
     * The summed loss and its gradient with respect to the logits.
     *
     * @param logits (B, K) of the batch's rows
     */
    Losses.Gradient gradient(NDArray logits, LabelledBatch batch) {
        if (kind instanceof TaskKind.Classification) {
            return crossEntropy.crossEntropy(logits, classes(logits.getManager(), batch));
        }
        NDList result = targeted(logits.stopGradient(), batch);
        return new Losses.Gradient(result.get(0), result.get(1));
    }

    private NDArray classes(NDManager manager, LabelledBatch batch) {
        return upload.longs(manager, batch.classes(), new Shape(batch.rows())); // (B)
    }

    private NDList targeted(NDArray logits, LabelledBatch batch) {
        NDArray targets =
                upload.floats(logits.getManager(), batch.targets(), new Shape(batch.rows(), kind.outputs())); // (B, K)
        String function = kind instanceof TaskKind.Regression ? "squared_error" : "binary_cross_entropy";
        return script.call(function, new NDList(logits, targets));
    }

    @Override
    public void close() {
        script.close();
        crossEntropy.close();
    }
}
