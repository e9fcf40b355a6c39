package norma.trainer.blocks;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.trainer.model.HiddenAxes;

/**
 * The parameters of one network, made in file order under their full Hugging Face names; arrays come later. An initial
 * value is a pure function of (seed, name, index).
 */
public final class NetworkParameters {
    private final double initializerRange;
    private final long seed;
    private final List<Parameter> made = new ArrayList<>();
    private final IdentityHashMap<Parameter, HiddenAxes> hiddenAxes = new IdentityHashMap<>();
    private final Set<Parameter> constants = new HashSet<>();
    private final Set<Parameter> optional = new HashSet<>();
    private boolean saysAllAxes = true;

    /**
     * None yet.
     *
     * @param initializerRange standard deviation of the truncated normal that matrices and embeddings start from
     * @param seed of the initialisation
     */
    public NetworkParameters(double initializerRange, long seed) {
        this.initializerRange = initializerRange;
        this.seed = seed;
    }

    /** A matrix, an embedding table or an array of more dimensions, initialised from the truncated normal. */
    public Parameter matrix(String name, long... shape) {
        saysAllAxes = false;
        return newMatrix(name, shape);
    }

    /** The same, which says where the positions of the hidden vector are counted. */
    public Parameter matrix(String name, HiddenAxes axes, long... shape) {
        return with(axes, newMatrix(name, shape));
    }

    private Parameter newMatrix(String name, long... shape) {
        return add(name, Parameter.Type.WEIGHT, Normal.truncated(initializerRange, seed, name), shape);
    }

    /** A matrix or table from a normal distribution that is not truncated. */
    public Parameter normal(String name, double standardDeviation, HiddenAxes axes, long... shape) {
        return with(axes, add(name, Parameter.Type.WEIGHT, Normal.of(standardDeviation, seed, name), shape));
    }

    /**
     * The same of any number of dimensions, which does not say where the positions of the hidden vector are counted.
     */
    public Parameter normal(String name, double standardDeviation, long... shape) {
        saysAllAxes = false;
        return add(name, Parameter.Type.WEIGHT, Normal.of(standardDeviation, seed, name), shape);
    }

    /** Biases, which do not decay where those of matrix products do not, from the same distribution. */
    public Parameter normalBias(String name, double standardDeviation, long... shape) {
        saysAllAxes = false;
        return add(name, Parameter.Type.BIAS, Normal.of(standardDeviation, seed, name), shape);
    }

    /** A row of zeros that is stored with the others, that no step changes and that files may lack: (1, size). */
    public Parameter optionalRow(String name, long size) {
        Parameter row = with(HiddenAxes.NONE, add(name, Parameter.Type.BIAS, new ConstantInitializer(0), 1, size));
        optional.add(row);
        return constant(row);
    }

    /** Those that a file may lack. */
    Set<Parameter> optional() {
        return Set.copyOf(optional);
    }

    /** The bias of a matrix product, initialised with 0. */
    public Parameter bias(String name, long size) {
        saysAllAxes = false;
        return newBias(name, size);
    }

    /** The same, which says whether its positions are those of the hidden vector. */
    public Parameter bias(String name, HiddenAxes axes, long size) {
        return with(axes, newBias(name, size));
    }

    /** The same, initialised with another number. */
    Parameter bias(String name, HiddenAxes axes, double start, long size) {
        return with(axes, add(name, Parameter.Type.BIAS, new ConstantInitializer((float) start), size));
    }

    /**
     * A table (rows, width) whose rows from {@code used} on are 0, and that is initialised up to there as without them.
     */
    Parameter paddedTable(String name, int used, int rows, long width) {
        Initializer start = Normal.truncated(initializerRange, seed, name);
        return with(
                HiddenAxes.SECOND,
                add(
                        name,
                        Parameter.Type.WEIGHT,
                        used == rows ? start : new VocabularyPadding(start, used, 0),
                        rows,
                        width));
    }

    /** The bias of logits, which rules out those from {@code used} on. */
    Parameter paddedBias(String name, int used, int size) {
        Initializer start = new ConstantInitializer(0);
        return with(
                HiddenAxes.NONE,
                add(
                        name,
                        Parameter.Type.BIAS,
                        used == size ? start : new VocabularyPadding(start, used, VocabularyPadding.BIAS),
                        size));
    }

    private Parameter newBias(String name, long size) {
        return add(name, Parameter.Type.BIAS, new ConstantInitializer(0), size);
    }

    /** An embedding table, or a table of zeros that no step changes. */
    Parameter table(String name, boolean trained, long... shape) {
        return trained
                ? matrix(name, HiddenAxes.SECOND, shape)
                : constant(
                        with(HiddenAxes.SECOND, add(name, Parameter.Type.WEIGHT, new ConstantInitializer(0), shape)));
    }

    /** A parameter that another network made, which this one has too. */
    public Parameter shared(Parameter parameter) {
        saysAllAxes = false;
        made.add(parameter);
        return parameter;
    }

    /** Keeps a parameter as it was initialised: stored with the others, and changed by no step. */
    public Parameter constant(Parameter parameter) {
        constants.add(parameter);
        return parameter;
    }

    /** Those that no step changes. */
    Set<Parameter> constants() {
        return Set.copyOf(constants);
    }

    /** A LayerNorm, {@code prefix.weight} and {@code prefix.bias}, initialised with 1 and 0. */
    public Norm layerNorm(String prefix, long size, double eps) {
        return Norm.layer(normWeight(prefix, size), normBias(prefix, size), eps);
    }

    /**
     * A norm of the hidden vector: {@code prefix.weight} and {@code prefix.bias} where it has them, and
     * {@code prefix.scale} where one number scales the whole vector, initialised with 1.
     */
    public Norm norm(NormVariant variant, String prefix, long size, double eps) {
        return switch (variant) {
            case LAYER_NORM -> layerNorm(prefix, size, eps);
            case RMS_NORM -> Norm.rootMeanSquare(normWeight(prefix, size), eps);
            case NO_SCALE -> Norm.withoutWeight(constant(normWeight(prefix, size)), null, normBias(prefix, size), eps);
            case ONE_SCALE -> {
                Parameter ones = constant(normWeight(prefix, size));
                Parameter scale = with(
                        HiddenAxes.NONE, add(prefix + ".scale", Parameter.Type.GAMMA, new ConstantInitializer(1), 1));
                yield Norm.withoutWeight(ones, scale, normBias(prefix, size), eps);
            }
        };
    }

    /** {@code prefix.weight}, a norm's scaling factors of the hidden positions, initialised with 1. */
    public Parameter normWeight(String prefix, long size) {
        return with(HiddenAxes.FIRST, add(prefix + ".weight", Parameter.Type.GAMMA, new ConstantInitializer(1), size));
    }

    /** {@code prefix.bias}, a norm's shifts of the hidden positions, initialised with 0. */
    public Parameter normBias(String prefix, long size) {
        return with(HiddenAxes.FIRST, add(prefix + ".bias", Parameter.Type.BETA, new ConstantInitializer(0), size));
    }

    private Parameter with(HiddenAxes axes, Parameter parameter) {
        hiddenAxes.put(parameter, axes);
        return parameter;
    }

    /**
     * Which axes of the parameters count the positions of the hidden vector; empty if some of the matrices and biases
     * were made without saying so.
     */
    Map<Parameter, HiddenAxes> hiddenAxes() {
        return saysAllAxes ? hiddenAxes : Map.of();
    }

    /** All that were made, in their order. */
    public List<Parameter> all() {
        return List.copyOf(made);
    }

    private Parameter add(String name, Parameter.Type type, Initializer initializer, long... shape) {
        Parameter parameter = Parameter.builder()
                .setName(name)
                .setType(type)
                .optShape(new Shape(shape))
                .optInitializer(initializer)
                .build();
        made.add(parameter);
        return parameter;
    }
}
