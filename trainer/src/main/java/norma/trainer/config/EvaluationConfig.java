package norma.trainer.config;

/**
 * How often and on how much held-out text the model is judged; a component that is null takes its default.
 *
 * @param every optimiser steps from one evaluation to the next; step 0 and the last step are always evaluated
 * @param examples held-out sequences, fewer if the validation split has fewer
 */
public record EvaluationConfig(Integer every, Integer examples) {
    public EvaluationConfig {
        every = every == null ? 200 : every;
        examples = examples == null ? 512 : examples;
        Requirement.atLeast(1, "evaluation", "every", every);
        Requirement.atLeast(1, "evaluation", "examples", examples);
    }
}
