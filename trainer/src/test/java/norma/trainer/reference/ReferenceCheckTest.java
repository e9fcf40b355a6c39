package norma.trainer.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.Precision;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("engine")
class ReferenceCheckTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bert", "xlnet"})
    void aCpu_passesInBothPrecisions_andBf16IsSeen(String fixture) {
        Path golden = GoldenFixture.of(fixture).folder();
        List<Comparison> exact = ReferenceCheck.run(golden, Device.cpu(), Precision.FLOAT32);
        assertThat(exact).hasSize(4).allMatch(Comparison::passes);
        List<Comparison> rounded = ReferenceCheck.run(golden, Device.cpu(), Precision.BF16);
        assertThat(rounded).hasSize(2).allMatch(Comparison::passes);
        assertThat(rounded.get(1).difference()).isGreaterThan(1e-3);
    }

    @Test
    void anotherLoss_isNoticed() throws IOException {
        Path golden = GoldenFixture.of("bert").folder();
        for (String file : List.of("config.json", "model.safetensors", "io.safetensors")) {
            Files.copy(golden.resolve(file), folder.resolve(file));
        }
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode expected =
                (ObjectNode) mapper.readTree(golden.resolve("expected.json").toFile());
        ((ObjectNode) expected.get("loss"))
                .put("total", expected.at("/loss/total").asDouble() + 1e-3);
        mapper.writeValue(folder.resolve("expected.json").toFile(), expected);
        List<Comparison> found = ReferenceCheck.run(folder, Device.cpu(), Precision.FLOAT32);
        assertThat(found).extracting(Comparison::passes).containsExactly(false, true, true, true);
        assertThat(new Comparison("nothing", Double.NaN, 1).passes()).isFalse();
    }

    @Test
    void aFileThatIsMissingOrNoJson_isNamed() throws IOException {
        assertThatThrownBy(() -> new ReferenceFolder(folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("has no config.json");
        for (String file : List.of("config.json", "model.safetensors", "io.safetensors", "expected.json")) {
            Files.writeString(folder.resolve(file), "{");
        }
        assertThatThrownBy(() -> ReferenceCheck.run(folder, Device.cpu(), Precision.FLOAT32))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("config.json: ends in the middle (line 1, column 2), expected a JSON object");
    }
}
