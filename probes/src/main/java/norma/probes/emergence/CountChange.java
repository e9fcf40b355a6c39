package norma.probes.emergence;

/**
 * From this recorded step on, so many dimensions satisfy the rule.
 *
 * @param step where the number changes, or the first recorded one
 * @param count how many, until the next change
 */
public record CountChange(long step, int count) {}
