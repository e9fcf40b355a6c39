package norma.trainer.config;

/**
 * How often a line of training metrics is written; null takes the default.
 *
 * @param every optimiser steps from one line to the next, 10 by default
 */
public record LoggingConfig(Integer every) {
    public LoggingConfig {
        every = every == null ? 10 : every;
        Requirement.atLeast(1, "logging", "every", every);
    }
}
