package norma.trainer.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.modality.Classifications;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.trainer.serving.LetterCheckpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/serve-with-djl.md: it runs, and the page quotes it as it is. */
class FillMasksTest {
    @TempDir
    private Path folder;

    @Test
    @Tag("engine")
    void theExample_fillsTheMaskOfEachText() throws Exception {
        Path checkpoint = LetterCheckpoint.in(folder);
        List<Classifications> answers = FillMasks.fill(checkpoint, List.of("a [MASK].", "sea [MASK] b", "a [MASK]."));
        assertThat(answers).hasSize(3).allSatisfy(answer -> assertThat(answer.items())
                .hasSize(5));
        assertThat(answers.get(0).getProbabilities())
                .isEqualTo(answers.get(2).getProbabilities())
                .isNotEqualTo(answers.get(1).getProbabilities());
    }

    @Test
    @Tag("unit")
    void thePageQuotesTheExample() throws IOException {
        Path root = Path.of(System.getProperty("norma.root", "."));
        String page = Files.readString(root.resolve("docs/serve-with-djl.md"));
        String example = Files.readString(root.resolve("trainer/src/test/java/norma/trainer/examples/FillMasks.java"));
        int start = page.indexOf("```java\n") + "```java\n".length();
        assertThat(page.substring(start, page.indexOf("```", start))).isEqualTo(example);
    }
}
