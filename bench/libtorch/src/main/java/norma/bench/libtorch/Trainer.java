package norma.bench.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Training steps on random tokens: cross-entropy at masked positions, clipping by global norm, torch::optim::AdamW. */
final class Trainer {
    private static final long FIRST_WORD = 5;
    private static final long MASK = 4;

    private final BertShape shape;
    private final Bert model;
    private final TensorVector parameters;
    private final AdamW optimizer;

    /** A model with fresh weights, in training mode. */
    Trainer(BertShape shape) {
        this.shape = shape;
        model = new Bert(shape);
        model.train(true);
        parameters = model.parameters();
        TensorVector decayed = new TensorVector();
        TensorVector others = new TensorVector();
        for (long i = 0; i < parameters.size(); i++) {
            Tensor parameter = parameters.get(i);
            (parameter.dim() == 2 ? decayed : others).push_back(parameter);
        }
        optimizer = new AdamW(decayed, options(0.01));
        optimizer.add_param_group(new OptimizerParamGroup(others, options(0)));
    }

    private static AdamWOptions options(double weightDecay) {
        AdamWOptions options = new AdamWOptions(1e-4);
        options.weight_decay().put(weightDecay);
        return options;
    }

    /** Numbers that are trained. */
    long parameterCount() {
        long count = 0;
        for (long i = 0; i < parameters.size(); i++) {
            count += parameters.get(i).numel();
        }
        return count;
    }

    /** Tokens (B, S) without a mask, drawn from torch's generator. */
    Tensor draw(long rows, long length) {
        return torch.randint(FIRST_WORD, shape.vocabSize(), new long[] {rows, length});
    }

    /** So many positions of a batch to predict, drawn from torch's generator: (M). */
    static Tensor drawPositions(long rows, long length, long predictions) {
        return torch.randperm(rows * length).narrow(0, 0, predictions);
    }

    /**
     * One step. The caller has a {@link PointerScope} open, which frees what it leaves.
     *
     * @param ids (B, S), overwritten at the predicted positions
     * @param predicted (M) positions in B*S
     * @return the loss before the update, a scalar
     */
    Tensor step(Tensor ids, Tensor predicted) {
        Tensor labels = ids.flatten().index_select(0, predicted); // (M)
        ids.view(-1).index_fill_(0, predicted, new Scalar(MASK));
        return step(ids, predicted, labels);
    }

    /** The same on tokens that are masked already. */
    Tensor step(Tensor ids, Tensor predicted, Tensor labels) {
        Tensor loss = torch.cross_entropy(model.forward(ids, predicted), labels);
        optimizer.zero_grad();
        loss.backward();
        torch.clip_grad_norm_(parameters, 1.0);
        optimizer.step();
        return loss;
    }
}
