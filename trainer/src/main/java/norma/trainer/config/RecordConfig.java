package norma.trainer.config;

/**
 * How often LayerNorm parameters are recorded; null takes the default.
 *
 * @param every optimiser steps from one record to the next, 1 by default; step 0 is always recorded
 */
public record RecordConfig(Integer every) {
    public RecordConfig {
        every = every == null ? 1 : every;
        Requirement.atLeast(1, "record", "every", every);
    }
}
