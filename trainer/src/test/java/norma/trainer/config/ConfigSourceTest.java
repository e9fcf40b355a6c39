package norma.trainer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which file or setting a message names about a value that turns out to be wrong later. */
@Tag("unit")
class ConfigSourceTest {
    private static final ConfigSource SOURCE =
            new ConfigSource(Path.of("a.yaml"), List.of("training.steps=7", "data={paths: [x]}", "training.steps=8"));

    private static void assertLocated(InvalidInputException found, String message) {
        assertThatThrownBy(() -> SOURCE.located(() -> {
                    throw found;
                }))
                .hasMessage(message + ": found 1, expected 2");
    }

    @Test
    void aValue_isOfTheSettingThatGaveIt_orOfTheFile() {
        assertLocated(InvalidInputException.of("training", "steps", 1, "2"), "settings: training.steps");
        assertLocated(InvalidInputException.of("config", "training.steps", 1, "2"), "settings: training.steps");
        assertLocated(InvalidInputException.of("data", "paths", 1, "2"), "settings: data.paths");
        assertLocated(InvalidInputException.of("ships.txt", "training.steps", 1, "2"), "settings: training.steps");
        assertLocated(InvalidInputException.of("training", "batch_size", 1, "2"), "a.yaml: training.batch_size");
        assertLocated(InvalidInputException.of("config", "device", 1, "2"), "a.yaml: device");
        assertLocated(InvalidInputException.of("ships.txt", "data.documents", 1, "2"), "ships.txt: data.documents");
        assertLocated(InvalidInputException.of("tokenizer.json", "data", 1, "2"), "tokenizer.json: data");
    }

    @Test
    void theLastSetting_decides() {
        assertThat(Setting.deciding(SOURCE.settings(), "training.steps"))
                .contains(new Setting("training.steps", "training.steps=8"));
        assertThat(Setting.deciding(SOURCE.settings(), "data.paths"))
                .map(Setting::key)
                .contains("data");
        assertThat(Setting.deciding(SOURCE.settings(), "training"))
                .map(Setting::key)
                .contains("training.steps");
        assertThat(Setting.deciding(SOURCE.settings(), "training.step")).isEmpty();
        assertThat(Setting.deciding(List.of("no setting"), "training")).isEmpty();
    }
}
