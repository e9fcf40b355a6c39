package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import norma.trainer.torchscript.TorchScript;

/**
 * Cross-entropy summed over rows, with its gradient by the formula (softmax - one-hot) instead of by autograd, which
 * would walk the vocabulary-wide log-softmax once more.
 */
final class CrossEntropy implements AutoCloseable {
    private static final String FUNCTIONS = """
              def gradient(self: __torch__.Functions, logits: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
                index = torch.unsqueeze(labels, 1)
                probs = torch.softmax(logits, 1)
                picked = torch.gather(probs, 1, index)
                loss = torch.neg(torch.sum(torch.log(picked)))
                _0 = torch.scatter_add_(probs, 1, index, torch.neg(torch.ones_like(picked)))
                return (loss, probs)
              def loss(self: __torch__.Functions, logits: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
                index = torch.unsqueeze(labels, 1)
                losses = torch.sub(torch.logsumexp(logits, [1]), torch.squeeze(torch.gather(logits, 1, index), 1))
                hits = torch.eq(torch.argmax(logits, 1), labels)
                return (torch.sum(losses, dtype=7), torch.sum(hits))
            """;

    private final TorchScript script;

    CrossEntropy(NDManager manager) {
        script = TorchScript.compile(manager, FUNCTIONS);
    }

    /**
     * The summed loss and its gradient with respect to the logits.
     *
     * @param loss -sum of log softmax(logits)[label], in nats; computed exactly in the rare case that a probability
     *     underflows
     * @param gradient (N, C)
     */
    record Result(double loss, NDArray gradient) {}

    /** From (N, C) logits and (N) labels. */
    Result gradient(NDArray logits, NDArray labels) {
        NDArray detached = logits.stopGradient();
        NDList result = script.call("gradient", new NDList(detached, labels));
        double loss = result.get(0).getFloat();
        if (!Double.isFinite(loss)) {
            loss = score(detached, labels).loss();
        }
        return new Result(loss, result.get(1));
    }

    /**
     * Summed loss and hits.
     *
     * @param loss summed over rows in float64, in nats
     * @param correct rows whose largest logit is the label's
     */
    record Score(double loss, long correct) {}

    /** From (N, C) logits and (N) labels, without a gradient. */
    Score score(NDArray logits, NDArray labels) {
        NDList result = script.call("loss", new NDList(logits, labels));
        return new Score(result.get(0).getDouble(), result.get(1).getLong());
    }

    @Override
    public void close() {
        script.close();
    }
}
