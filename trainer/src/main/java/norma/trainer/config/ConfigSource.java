package norma.trainer.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import norma.datasets.base.InvalidInputException;

/**
 * Where a run's configuration comes from.
 *
 * @param file in YAML
 * @param settings laid over it, each a dotted key, an equals sign, a YAML value
 */
public record ConfigSource(Path file, List<String> settings) {
    private static final Set<String> GROUPS = Set.of("data", "tokenizer", "model", "training");

    public ConfigSource {
        settings = List.copyOf(settings);
    }

    /**
     * The configuration.
     *
     * @throws InvalidInputException if anything about it is wrong
     */
    public RunConfig read() {
        return RunConfigYaml.read(file, settings);
    }

    /** The file's name without its ending. */
    public String name() {
        return file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
    }

    /**
     * Does something with the configuration. Whoever finds a value wrong while a run is made ready has the values only;
     * the message then names the setting that the value came from, or this file, and the full key.
     */
    public <T> T located(Supplier<T> work) {
        try {
            return work.get();
        } catch (InvalidInputException e) {
            throw located(e);
        }
    }

    private InvalidInputException located(InvalidInputException e) {
        Optional<String> ofConfig = key(e);
        String key = ofConfig.orElse(e.key());
        Optional<Setting> setting = Setting.deciding(settings, key);
        if (setting.isPresent() && (ofConfig.isPresent() || isOwn(setting.get(), key))) {
            return e.at(InvalidInputException.SETTINGS, key);
        }
        return ofConfig.isPresent() ? e.at(file.toString(), key) : e;
    }

    /** The full key of the value that a message is about; empty for one about something else than a configuration. */
    public static Optional<String> key(InvalidInputException e) {
        if (GROUPS.contains(e.source())) {
            return Optional.of(e.source() + "." + e.key());
        }
        return e.source().equals(RunConfig.GROUP) ? Optional.of(e.key()) : Optional.empty();
    }

    /** Whether a message about something else, such as the text, is about a setting: it has its full key. */
    private static boolean isOwn(Setting setting, String key) {
        return key.indexOf('.') > 0 && setting.key().equals(key);
    }
}
