package norma.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.model.HiddenAxes;

/**
 * AdamW whose moments are those of rotated parameters: with a fixed random rotation Q of the hidden positions, the
 * update that AdamW would make of Q p is made of p. So Adam's normalisers belong to the rotated positions, while the
 * forward pass, its LayerNorms and all that is recorded keep theirs. Elhage et al. 2023, "Privileged Bases in the
 * Transformer Residual Stream", found Adam's normalisers per coordinate to be what gives the residual stream its axes.
 *
 * <pre>
 * g' = Q g                                    (on the hidden axes of p; others are left alone)
 * m  = beta1 m + (1 - beta1) g' ;  v = beta2 v + (1 - beta2) g'²
 * d  = -lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * p  = p * (1 - lr * decay) + Q^T d
 * </pre>
 *
 * <p>Decay and clipping are the same in either basis, so they are AdamW's.
 */
public final class RotatedAdamW implements Optimizer {
    /** {@code optimizer.type}. */
    public static final String TYPE = "rotated-adamw";

    private final Hyperparameters hyperparameters;
    private final AdamW adam;
    private final NDArray rotation;
    private final NDArray transposed;

    /**
     * What does not change from step to step.
     *
     * @param adam AdamW's
     * @param rotationSeed of the rotation
     */
    public record Hyperparameters(AdamW.Hyperparameters adam, long rotationSeed) implements Settings {
        @Override
        public String type() {
            return TYPE;
        }

        @Override
        public double weightDecay() {
            return adam.weightDecay();
        }

        @Override
        public double maxGradientNorm() {
            return adam.maxGradientNorm();
        }

        @Override
        public List<String> state() {
            return AdamW.STATE;
        }

        /** The rotated gradients, and the changes. */
        @Override
        public int copiesOfGradients() {
            return 2;
        }

        @Override
        public boolean needsHiddenAxes() {
            return true;
        }

        @Override
        public RotatedAdamW create(NDManager manager, int hiddenSize) {
            return new RotatedAdamW(manager, this, RandomRotation.of(hiddenSize, rotationSeed));
        }
    }

    /**
     * An optimiser.
     *
     * @param manager owns compiled operators and rotation
     * @param rotation Q, orthogonal (H, H)
     */
    RotatedAdamW(NDManager manager, Hyperparameters hyperparameters, float[][] rotation) {
        this.hyperparameters = hyperparameters;
        adam = hyperparameters.adam().create(manager, rotation.length);
        this.rotation = manager.create(rotation);
        NDArray swapped = this.rotation.transpose();
        transposed = swapped.duplicate();
        swapped.close();
    }

    @Override
    public void update(Group group, List<PtNDArray> gradients, Clipping.Scaling scaling, double learningRate) {
        List<Integer> rotated = new ArrayList<>();
        List<Integer> plain = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            (group.axes().get(i) == HiddenAxes.NONE ? plain : rotated).add(i);
        }
        adam.update(
                part(group, plain, group.decays()),
                plain.stream().map(gradients::get).toList(),
                scaling,
                learningRate);
        List<PtNDArray> turned = new ArrayList<>();
        List<PtNDArray> changes = new ArrayList<>();
        for (int i : rotated) {
            PtNDArray gradient = gradients.get(i);
            turned.add((PtNDArray) turn(gradient, group.axes().get(i), rotation, transposed));
            changes.add((PtNDArray) gradient.getManager().zeros(gradient.getShape()));
        }
        Group moments = part(group, rotated, false);
        adam.update(new Group(changes, moments.state(), moments.axes(), false), turned, scaling, learningRate);
        for (int i = 0; i < changes.size(); i++) {
            PtNDArray parameter = moments.parameters().get(i);
            if (group.decays()) {
                double decayed = learningRate * hyperparameters.weightDecay();
                parameter.muli(scaling.stop().mul(decayed).add(1 - decayed)); // 1 where nothing may change
            }
            parameter.addi(turn(changes.get(i), moments.axes().get(i), transposed, rotation));
        }
    }

    private static Group part(Group group, List<Integer> which, boolean decays) {
        return new Group(
                which.stream().map(group.parameters()::get).toList(),
                group.state().stream()
                        .map(arrays -> which.stream().map(arrays::get).toList())
                        .toList(),
                which.stream().map(group.axes()::get).toList(),
                decays);
    }

    /**
     * R x on the hidden axes of x.
     *
     * @param r (H, H)
     * @param transpose of r
     */
    private static NDArray turn(NDArray x, HiddenAxes axes, NDArray r, NDArray transpose) {
        if (x.getShape().dimension() == 1) {
            return x.reshape(1, -1).matMul(transpose).reshape(-1); // (H)
        }
        return switch (axes) {
            case NONE -> x;
            case FIRST -> first(x, r);
            case SECOND -> x.matMul(transpose);
            case BOTH -> first(x.matMul(transpose), r);
        };
    }

    /** R x, without transposing anything: libtorch's fused operator reads memory as if it had no strides. */
    private static NDArray first(NDArray x, NDArray r) {
        NDArray product = r.matMul(x);
        product.attach(x.getManager()); // what comes first decided otherwise
        return product;
    }

    @Override
    public void close() {
        rotation.close();
        transposed.close();
        adam.close();
    }
}
