package norma.probes.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.probes.attention.TokenKind;
import norma.probes.outliers.DimensionActivation;
import norma.probes.profile.DimensionProfile.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class ProfileJsonTest {
    @TempDir
    Path folder;

    @Test
    void whatIsRead_isWhatWasWritten_andDamageIsNamed() throws IOException {
        DimensionProfiles profiles = new DimensionProfiles(
                List.of(
                        new DimensionProfile(
                                0,
                                new Shape(-5.25, 0.1 + 0.2, 2, 4),
                                new DimensionActivation(9, "layer.1.output", 0.5, 1e-3),
                                Map.of(TokenKind.SEP, 8.5, TokenKind.OTHER, 1.0 / 3),
                                2.25),
                        new DimensionProfile(
                                1,
                                new Shape(0, Double.NaN, 0, 0),
                                new DimensionActivation(1, "layer.0.output", 0, 0),
                                Map.of(),
                                -0.5)),
                2);
        Path file = folder.resolve("ablation-each.json");
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        JsonFile.write(file, json);
        assertThat(ProfileJson.read(file)).isEmpty();
        json.set(ProfileJson.KEY, ProfileJson.of(profiles));
        JsonFile.write(file, json);
        assertThat(ProfileJson.read(file)).isEqualTo(profiles.all());
        Files.writeString(file, Files.readString(file).replace("\"layer.0.output\"", "5"));
        assertThatThrownBy(() -> ProfileJson.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": profiles[1].largest_activation_site: found 5, expected text");
    }
}
