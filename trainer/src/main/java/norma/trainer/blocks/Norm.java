package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
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
 * @param ones what stands in place of scaling factors, the constant 1 for each position (H); null without
 * @param scale a factor for all positions together, besides {@code ones} (1); null without
 * @param eps added to the variance or the mean square
 */
public record Norm(Kind kind, Parameter weight, Parameter bias, Parameter ones, Parameter scale, double eps) {
    /** What is divided by. */
    public enum Kind {
        LAYER,
        RMS
    }

    /** LayerNorm. */
    public static Norm layer(Parameter weight, Parameter bias, double eps) {
        return new Norm(Kind.LAYER, weight, bias, null, null, eps);
    }

    /** LayerNorm with constants in place of scaling factors, and one scale for all positions or none. */
    static Norm withoutWeight(Parameter ones, Parameter scale, Parameter bias, double eps) {
        return new Norm(Kind.LAYER, null, bias, ones, scale, eps);
    }

    /** RMSNorm, which has no shift. */
    public static Norm rootMeanSquare(Parameter weight, double eps) {
        return new Norm(Kind.RMS, weight, null, null, null, eps);
    }

    /** (N, H) to (N, H). */
    public NDArray apply(ForwardPass pass, NDArray x) {
        NDArray factors = factors(pass); // (H), or null
        if (kind == Kind.LAYER && factors != null && bias != null) {
            return Operators.layerNorm(x, factors, pass.value(bias), eps);
        }
        NDArray normed = kind == Kind.LAYER
                ? Operators.layerNorm(x, ones(x), zeros(x), eps)
                : Operators.rootMeanSquareNorm(x, eps);
        NDArray scaled = factors == null ? normed : normed.mul(factors);
        return bias == null ? scaled : scaled.add(pass.value(bias));
    }

    private NDArray factors(ForwardPass pass) {
        if (scale != null) {
            return pass.value(ones).mul(pass.value(scale));
        }
        Parameter any = weight == null ? ones : weight;
        return any == null ? null : pass.value(any);
    }

    /** Names of what it reads. */
    public List<String> parameterNames() {
        return Stream.of(weight, bias, ones, scale)
                .filter(Objects::nonNull)
                .map(Parameter::getName)
                .toList();
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
                name,
                stack,
                layer,
                of,
                Math.toIntExact(any.getShape().size()),
                slice(weight),
                slice(bias),
                slice(ones));
    }

    private static Slice slice(Parameter parameter) {
        return parameter == null ? null : Slice.ofVector(parameter.getName());
    }
}
