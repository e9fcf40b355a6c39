package norma.trainer.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class ConfigReferenceTest {
    private static final Path RESOURCE = Path.of(System.getProperty("norma.root", ".."))
            .resolve("trainer/src/main/resources/norma/trainer/config")
            .resolve(ConfigMeanings.RESOURCE);

    /** With {@code -Dnorma.write=true} the resource is written instead: see CONTRIBUTING, or docs/configuration.md. */
    @Test
    void meanings_areTheRecordsJavadoc() throws IOException {
        Map<String, Map<String, String>> meanings = new TreeMap<>();
        for (Class<?> record : ConfigReference.records().toList()) {
            meanings.put(record.getName(), RecordJavadoc.of(record));
        }
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        if (Boolean.getBoolean("norma.write")) {
            Files.createDirectories(RESOURCE.getParent());
            Files.writeString(RESOURCE, mapper.writeValueAsString(meanings) + "\n");
        }
        assertThat(mapper.readTree(RESOURCE.toFile())).isEqualTo(mapper.valueToTree(meanings));
    }

    @Test
    void everyKeyThatARecordIsReadFrom_isThere_withTypeAndMeaning() {
        for (ConfigReference.Group group : ConfigReference.groups()) {
            Set<String> keys = group.keys().stream().map(ConfigKey::leaf).collect(Collectors.toSet());
            Set<String> read = new java.util.TreeSet<>(RunConfigYaml.keys(group.record()));
            read.removeIf(key -> ConfigReference.groups().stream()
                    .anyMatch(other -> other.name().equals(YamlSource.join(group.name(), key))));
            read.removeAll(Set.of("clamp", "plant", "intervention"));
            assertThat(keys).as(group.record().getName()).containsAll(read);
            assertThat(group.keys()).allSatisfy(key -> {
                assertThat(key.meaning()).as(key.name()).isNotBlank().doesNotContain("null", "{@");
                assertThat(key.type()).isNotBlank();
            });
        }
    }

    @Test
    void defaults_areThoseOfAConfigurationThatSaysNothing() {
        assertThat(value("training.steps")).isEqualTo("1000");
        assertThat(value("optimizer.learning_rate")).isEqualTo("1.0E-4");
        assertThat(value("optimizer.momentum")).isEqualTo("0.9 (type sgd)");
        assertThat(value("model.variant.attention.gamma")).isEqualTo("-0.025 (type clipped-softmax)");
        assertThat(value("model.n_embd")).isEqualTo("768");
        assertThat(value("schedule.type")).isEqualTo("linear");
        assertThat(value("checkpoints.keep")).isEqualTo("all");
    }

    private static String value(String name) {
        List<ConfigKey> keys = ConfigReference.named(name);
        assertThat(keys).as(name).isNotEmpty();
        return keys.get(0).value();
    }

    @Test
    void aKeyOfAnotherGroup_isFoundByItsName() {
        assertThat(ConfigReference.nearest("learning_rate")).contains("optimizer.learning_rate");
        assertThat(ConfigReference.nearest("training.learning_rate")).contains("optimizer.learning_rate");
        assertThat(ConfigReference.nearest("lerning_rate")).contains("optimizer.learning_rate");
        assertThat(ConfigReference.nearest("xyzzy")).isEmpty();
    }
}
