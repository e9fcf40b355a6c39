package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import norma.trainer.device.DeviceReads;
import norma.trainer.model.Losses;
import norma.trainer.torchscript.TorchScript;

/**
 * Cross-entropy summed over rows, with its gradient by the formula (softmax - one-hot) instead of by autograd, which
 * would walk the vocabulary-wide log-softmax once more; of a single logit the binary one.
 */
public final class CrossEntropy implements Losses, AutoCloseable {
    /**
     * A draw finds the block of classes that holds it, and then the class: sums of all classes in double precision
     * would take longer than the logits. Of a model that has diverged it is the last class, since nothing is less than
     * NaN.
     */
    static final String FUNCTIONS = """
              def softmax(self: __torch__.Functions, logits: Tensor) -> Tensor:
                return torch.softmax(logits, 1)
              def sigmoid(self: __torch__.Functions, logits: Tensor) -> Tensor:
                return torch.sigmoid(logits)
              def gradient(self: __torch__.Functions, logits: Tensor, probs: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
                index = torch.unsqueeze(labels, 1)
                picked = torch.gather(probs, 1, index)
                sum = torch.to(torch.neg(torch.sum(torch.log(picked))), 7)
                if bool(torch.isfinite(sum)):
                  loss = sum
                else:
                  losses = torch.sub(torch.logsumexp(logits, [1]), torch.squeeze(torch.gather(logits, 1, index), 1))
                  loss = torch.sum(losses, dtype=7)
                _0 = torch.scatter_add_(probs, 1, index, torch.neg(torch.ones_like(picked)))
                return (loss, probs)
              def gradient_without_waiting(self: __torch__.Functions, logits: Tensor, probs: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
                index = torch.unsqueeze(labels, 1)
                picked = torch.gather(probs, 1, index)
                below = torch.sub(torch.gather(logits, 1, index), torch.amax(logits, [1], True))
                exact = torch.add(below, torch.log(torch.amax(probs, [1], True)))
                logs = torch.where(torch.gt(picked, 0), torch.log(picked), exact)
                loss = torch.to(torch.neg(torch.sum(logs)), 7)
                _0 = torch.scatter_add_(probs, 1, index, torch.neg(torch.ones_like(picked)))
                return (loss, probs)
              def binary_gradient(self: __torch__.Functions, logits: Tensor, probs: Tensor, labels: Tensor) -> Tuple[Tensor, Tensor]:
                targets = torch.to(torch.unsqueeze(labels, 1), 6)
                losses = torch.binary_cross_entropy_with_logits(logits, targets, None, None, 0)
                return (torch.sum(losses, dtype=7), torch.sub_(probs, targets))
              def binary_loss(self: __torch__.Functions, logits: Tensor, labels: Tensor) -> Tensor:
                targets = torch.to(torch.unsqueeze(labels, 1), 6)
                losses = torch.binary_cross_entropy_with_logits(logits, targets, None, None, 0)
                hits = torch.eq(torch.to(torch.gt(logits, 0), 6), targets)
                return torch.stack([torch.sum(losses, dtype=7), torch.sum(hits, dtype=7)])
              def loss(self: __torch__.Functions, logits: Tensor, labels: Tensor) -> Tensor:
                index = torch.unsqueeze(labels, 1)
                losses = torch.sub(torch.logsumexp(logits, [1]), torch.squeeze(torch.gather(logits, 1, index), 1))
                hits = torch.eq(torch.argmax(logits, 1), labels)
                return torch.stack([torch.sum(losses, dtype=7), torch.sum(hits, dtype=7)])
              def draws(self: __torch__.Functions, probs: Tensor, shares: Tensor) -> Tensor:
                words = torch.size(probs, 1)
                whole = torch.floordiv(words, BLOCK)
                blocks = torch.as_strided(probs, [torch.size(probs, 0), whole, BLOCK], [words, BLOCK, 1], 0)
                rest = torch.slice(probs, 1, torch.mul(whole, BLOCK), words, 1)
                masses = torch.to(torch.cat([torch.sum(blocks, [2]), torch.sum(rest, [1], True)], 1), 7)
                sums = torch.cumsum(masses, 1)
                total = torch.slice(sums, 1, whole, torch.add(whole, 1), 1)
                reached = torch.mul(total, torch.unsqueeze(torch.to(shares, 7), 1))
                block = torch.clamp(torch.searchsorted(sums, reached, right=True), None, whole)
                mass = torch.gather(masses, 1, block)
                share = torch.div(torch.sub(reached, torch.sub(torch.gather(sums, 1, block), mass)), mass)
                first = torch.mul(block, BLOCK)
                places = torch.add(first, torch.sub(torch.cumsum(torch.new_ones(block, [1, BLOCK]), 1), 1))
                known = torch.gather(probs, 1, torch.clamp(places, None, torch.sub(words, 1)))
                inner = torch.cumsum(torch.mul(known, torch.lt(places, words)), 1, dtype=7)
                within = torch.mul(torch.slice(inner, 1, torch.sub(BLOCK, 1), BLOCK, 1), share)
                drawn = torch.add(first, torch.searchsorted(inner, within, right=True))
                return torch.squeeze(torch.clamp(drawn, None, torch.sub(words, 1)), 1)
            """.replace("BLOCK", "64");

    private final TorchScript script;
    private final String gradient;
    private final DeviceReads reads;

    /** For a device; on a CPU, where a look at a value costs nothing, what is only needed in rare cases is left out. */
    public CrossEntropy(NDManager manager, DeviceReads reads) {
        this(manager, reads, manager.getDevice().isGpu());
    }

    /** The same, with the form chosen. */
    public CrossEntropy(NDManager manager, DeviceReads reads, boolean withoutWaiting) {
        this.reads = reads;
        script = TorchScript.compile(manager, FUNCTIONS);
        gradient = withoutWaiting ? "gradient_without_waiting" : "gradient";
    }

    @Override
    public NDArray probabilities(NDArray logits) {
        return script.call(isBinary(logits) ? "sigmoid" : "softmax", new NDList(logits.stopGradient()))
                .singletonOrThrow();
    }

    @Override
    public Losses.Gradient crossEntropy(NDArray logits, NDArray probabilities, NDArray labels) {
        NDList result = script.call(
                isBinary(logits) ? "binary_gradient" : gradient,
                new NDList(logits.stopGradient(), probabilities, labels));
        return new Losses.Gradient(result.get(0), result.get(1));
    }

    @Override
    public Losses.Score score(NDArray logits, NDArray labels) {
        NDList result = script.call(isBinary(logits) ? "binary_loss" : "loss", new NDList(logits, labels));
        double[] values = reads.doubles(result.singletonOrThrow());
        return new Losses.Score(values[0], (long) values[1]);
    }

    @Override
    public NDArray draws(NDArray probabilities, NDArray shares) {
        return script.call("draws", new NDList(probabilities, shares)).singletonOrThrow();
    }

    private static boolean isBinary(NDArray logits) {
        return logits.getShape().get(1) == 1;
    }

    @Override
    public void close() {
        script.close();
    }
}
