package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;

/**
 * A norm over the last axis: LayerNorm (Ba, Kiros and Hinton 2016) or RMSNorm (Zhang and Sennrich 2019), with a scaling
 * factor and a shift where it has them.
 *
 * @param kind which
 * @param weight scaling factors (H); null without
 * @param bias shifts (H); null without
 * @param eps added to the variance or the mean square
 */
public record Norm(Kind kind, Parameter weight, Parameter bias, double eps) {
    /** What is divided by. */
    public enum Kind {
        LAYER,
        RMS
    }

    /** LayerNorm. */
    public static Norm layer(Parameter weight, Parameter bias, double eps) {
        return new Norm(Kind.LAYER, weight, bias, eps);
    }

    /** RMSNorm, which has no shift. */
    public static Norm rootMeanSquare(Parameter weight, double eps) {
        return new Norm(Kind.RMS, weight, null, eps);
    }

    /** (N, H) to (N, H). */
    public NDArray apply(ForwardPass pass, NDArray x) {
        if (kind == Kind.LAYER && weight != null && bias != null) {
            return Operators.layerNorm(x, pass.value(weight), pass.value(bias), eps);
        }
        NDArray normed = kind == Kind.LAYER
                ? Operators.layerNorm(x, ones(x), zeros(x), eps)
                : Operators.rootMeanSquareNorm(x, eps);
        NDArray scaled = weight == null ? normed : normed.mul(pass.value(weight));
        return bias == null ? scaled : scaled.add(pass.value(bias));
    }

    private static NDArray ones(NDArray x) {
        return x.getManager().ones(width(x));
    }

    private static NDArray zeros(NDArray x) {
        return x.getManager().zeros(width(x));
    }

    private static Shape width(NDArray x) {
        return new Shape(x.getShape().get(x.getShape().dimension() - 1));
    }

    /** The site of this norm. */
    public LayerNormSite site(String name, LayerNormSite.Stack stack, int layer, LayerNormSite.Kind of) {
        Parameter any = weight == null ? bias : weight;
        if (any == null) {
            throw new IllegalStateException(name + " has neither weight nor bias: there is nothing to record");
        }
        return new LayerNormSite(
                name, stack, layer, of, Math.toIntExact(any.getShape().size()), slice(weight), slice(bias));
    }

    private static Slice slice(Parameter parameter) {
        return parameter == null ? null : Slice.ofVector(parameter.getName());
    }
}
