package norma.trainer.config;

/**
 * A key of a run's configuration.
 *
 * @param name dotted, such as {@code optimizer.learning_rate}
 * @param type what it takes, such as "number"
 * @param value its default; empty for none
 * @param meaning what it decides, with units and source; backticks around values and keys
 */
public record ConfigKey(String name, String type, String value, String meaning) {
    /** The last word of its name. */
    public String leaf() {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
