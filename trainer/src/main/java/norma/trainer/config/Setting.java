package norma.trainer.config;

import java.util.List;
import java.util.Optional;

/**
 * A value that is laid over a configuration: {@code training.steps=200}.
 *
 * @param key dotted; empty where the text has none
 * @param text as it was given
 */
public record Setting(String key, String text) {
    private static Setting of(String text) {
        return new Setting(text.substring(0, Math.max(0, text.indexOf('='))).strip(), text);
    }

    /**
     * The one of several that decided a key: the last that names it, a group that it lies in, or a key in the group
     * that it is.
     *
     * @param settings each a dotted key, an equals sign, a YAML value
     */
    public static Optional<Setting> deciding(List<String> settings, String key) {
        return settings.stream()
                .map(Setting::of)
                .filter(setting -> setting.decides(key))
                .reduce((earlier, later) -> later);
    }

    private boolean decides(String other) {
        return !key.isEmpty() && (other.equals(key) || other.startsWith(key + ".") || key.startsWith(other + "."));
    }
}
