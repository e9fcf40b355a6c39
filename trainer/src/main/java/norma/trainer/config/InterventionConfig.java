package norma.trainer.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.trainer.model.DimensionValue;

/**
 * What is done to a dimension of the LayerNorms during a training, at every site that has it. The value stands there
 * right after the update that leads to a step, before that step is recorded; the optimiser keeps the moments that it
 * has.
 *
 * @param clamp a dimension that does not leave its initial value; null for none
 * @param plant a dimension that gets a value once; null for none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record InterventionConfig(Clamp clamp, Plant plant) {
    private static final String GROUP = "intervention";
    private static final String DIMENSION = "dimension";
    private static final String STEP = "step";
    private static final String FROM_STEP = "from_step";

    public InterventionConfig {
        Requirement.require(
                clamp == null
                        || plant == null
                        || !clamp.dimension.equals(plant.dimension)
                        || plant.step < clamp.fromStep,
                GROUP,
                "plant.step",
                plant == null ? null : plant.step,
                "a step before intervention.clamp.from_step, from which the same dimension keeps its initial value");
    }

    /**
     * A dimension whose weights are 1 and whose biases are 0, as they were initialised, at a step and all after it.
     *
     * @param dimension counted from 0
     * @param fromStep the first step that has it so; null: 0, so that it never moves
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Clamp(Integer dimension, Long fromStep) {
        public Clamp {
            fromStep = fromStep == null ? 0L : fromStep;
            requireDimension(dimension);
            Requirement.atLeast(0, GROUP, FROM_STEP, fromStep);
        }
    }

    /**
     * A dimension that has a value at a step, and is trained on from it.
     *
     * @param dimension counted from 0
     * @param step the step that has it first
     * @param weight scaling factor of every LayerNorm there; null: 1
     * @param bias shift of every LayerNorm there; null: 0
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Plant(Integer dimension, Long step, Double weight, Double bias) {
        public Plant {
            requireDimension(dimension);
            Requirement.require(
                    step != null && step >= 0, GROUP, STEP, orNothing(step), "the step that has the value first");
            Requirement.require(
                    weight != null || bias != null, GROUP, "weight", "nothing", "a number, or one for the bias");
            weight = weight == null ? 1.0 : weight;
            bias = bias == null ? 0.0 : bias;
            requireFinite("weight", weight);
            requireFinite("bias", bias);
        }
    }

    private static void requireDimension(Integer dimension) {
        Requirement.require(
                dimension != null && dimension >= 0,
                GROUP,
                DIMENSION,
                orNothing(dimension),
                "a dimension, counted from 0");
    }

    private static Object orNothing(Object value) {
        return value == null ? "nothing" : value;
    }

    private static void requireFinite(String key, double value) {
        Requirement.require(Float.isFinite((float) value), GROUP, key, value, "a number that a float holds");
    }

    /** Checks that it happens in a training. */
    void requireFits(int hiddenSize, long steps) {
        if (clamp != null) {
            requireFits("intervention.clamp.", clamp.dimension, FROM_STEP, clamp.fromStep, hiddenSize, steps);
        }
        if (plant != null) {
            requireFits("intervention.plant.", plant.dimension, STEP, plant.step, hiddenSize, steps);
        }
    }

    private static void requireFits(
            String group, int dimension, String stepKey, long step, int hiddenSize, long steps) {
        Requirement.require(
                dimension < hiddenSize,
                "config",
                group + DIMENSION,
                dimension,
                "a dimension below the hidden size of the model (" + hiddenSize + ")");
        Requirement.require(step <= steps, "config", group + stepKey, step, "at most training.steps (" + steps + ")");
    }

    /** The first step of each intervention, by its full key. */
    public Map<String, Long> firstSteps() {
        Map<String, Long> steps = new LinkedHashMap<>();
        if (clamp != null) {
            steps.put(GROUP + ".clamp." + FROM_STEP, clamp.fromStep);
        }
        if (plant != null) {
            steps.put(GROUP + ".plant." + STEP, plant.step);
        }
        return steps;
    }

    /** What stands at a step, before it is recorded. */
    public List<DimensionValue> at(long step) {
        List<DimensionValue> values = new ArrayList<>();
        if (plant != null && plant.step == step) {
            values.add(new DimensionValue(plant.dimension, plant.weight, plant.bias));
        }
        if (clamp != null && clamp.fromStep <= step) {
            values.add(DimensionValue.initial(clamp.dimension));
        }
        return values;
    }
}
