package norma.datasets.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class InnerPathTest {
    private static final Path FOLDER = Path.of("models", "a");

    @ParameterizedTest
    @ValueSource(strings = {"", "a\0b", "/etc/passwd", "..", "../b", "x/../../b", "x/../.."})
    void aNameThatIsNoneOrLeavesTheFolder_isRefused(String name) {
        assertThat(InnerPath.resolve(FOLDER, name)).isEmpty();
    }

    @Test
    void aNameInside_isResolved() {
        assertThat(InnerPath.resolve(FOLDER, "x.safetensors")).contains(FOLDER.resolve("x.safetensors"));
        assertThat(InnerPath.resolve(FOLDER, "discriminator/x")).contains(FOLDER.resolve("discriminator/x"));
    }
}
