package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import norma.datasets.base.InvalidInputException;
import norma.trainer.layernorm.Part;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class MetricsReaderTest {
    @TempDir
    private Path folder;

    private Path file;
    private MetricsReader reader;
    private final List<Long> steps = new ArrayList<>();
    private int begunAgain;

    private final MetricsReader.Visitor gathering = new MetricsReader.Visitor() {
        @Override
        public boolean visit(MetricsLine line) {
            steps.add(line.step());
            return true;
        }

        @Override
        public void beginAgain() {
            begunAgain++;
            steps.clear();
        }
    };

    @BeforeEach
    void newReader() {
        file = folder.resolve("metrics.jsonl");
        reader = new MetricsReader(file);
    }

    private List<Long> readOn() throws IOException {
        reader.readOn(gathering);
        return steps;
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String line(long step, double seconds) {
        return "{\"step\":" + step + ",\"loss\":1.5,\"step_seconds\":" + seconds + "}\n";
    }

    @Test
    void aFileThatGrows_isReadOn_alsoWhereALineIsHalfWritten() throws IOException {
        assertThat(readOn()).isEmpty();
        append(line(0, 1) + line(10, 1));
        assertThat(readOn()).containsExactly(0L, 10L);
        String next = line(20, 1);
        for (int i = 0; i < next.length(); i++) {
            append(next.substring(i, i + 1));
            assertThat(readOn()).hasSize(i == next.length() - 1 ? 3 : 2);
        }
        assertThat(readOn()).containsExactly(0L, 10L, 20L);
        assertThat(begunAgain).isZero();
    }

    /** As a resume does: cut at the checkpoint, those lines written again in other times. */
    @Test
    void aFileThatWasCutOff_isReadAgain_alsoWhenItHasGrownBeyondTheOldEndSince() throws IOException {
        append(line(0, 1) + line(10, 1) + line(20, 1));
        assertThat(readOn()).containsExactly(0L, 10L, 20L);
        MetricsLog.cutAfter(file, 10);
        assertThat(readOn()).containsExactly(0L, 10L);
        assertThat(begunAgain).isEqualTo(1);
        append(line(20, 2) + line(30, 2));
        assertThat(readOn()).containsExactly(0L, 10L, 20L, 30L);
        assertThat(begunAgain).isEqualTo(1);

        MetricsLog.cutAfter(file, 0);
        append(line(10, 3) + line(20, 3) + line(30, 3) + line(40, 3));
        assertThat(readOn()).containsExactly(0L, 10L, 20L, 30L, 40L);
        assertThat(begunAgain).isEqualTo(2);
        MetricsLog.cutAfter(file, -1);
        append(line(5, 4));
        assertThat(readOn()).containsExactly(5L);
        Files.delete(file);
        assertThat(readOn()).isEmpty();
        assertThat(begunAgain).isEqualTo(4);
    }

    @Test
    void linesThatStayed_areNotReadAgain_whenOthersWereCutOff() throws IOException {
        append(line(0, 1) + line(10, 1));
        readOn();
        append(line(20, 1));
        MetricsLog.cutAfter(file, 10);
        append(line(20, 2));
        assertThat(readOn()).containsExactly(0L, 10L, 20L);
        assertThat(begunAgain).isZero();
    }

    @Test
    void whoDoesNotExpectLinesAgain_isNotGivenThem() throws IOException {
        append(line(0, 1) + line(10, 1));
        reader.readOn(line -> true);
        MetricsLog.cutAfter(file, 0);
        assertThatThrownBy(() -> reader.readOn(line -> true)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aLineWithoutEnd_doesNotFillTheMemory() throws IOException {
        append(line(0, 1) + "{\"step\":10,\"loss\":1" + "0".repeat((1 << 25) + 10));
        assertThatThrownBy(this::readOn)
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": line 2: found more than 33554432 bytes without an end, expected a JSON object a"
                        + " line");
        assertThat(steps).containsExactly(0L);
    }

    @Test
    void figuresOfALine_areThereOrEmpty() throws IOException {
        append(
                "{\"step\":7,\"loss\":null,\"grad_norm\":2,\"validation\":{\"nsp_loss\":0.5,\"clm_loss\":3.25,"
                        + "\"perplexity\":25.8},\"layernorm\":{\"outlier_dimensions\":[3,105],\"sites\":{\"embeddings\":"
                        + "{\"weight\":{\"largest_z\":-4.5,\"dimension\":3},\"bias\":null}}},\"dev\":{\"dev\":{\"f1\":0.5}}}\n");
        List<MetricsLine> lines = new ArrayList<>();
        MetricsReader.read(file, lines::add);
        MetricsLine line = lines.get(0);
        assertThat(line.step()).isEqualTo(7);
        assertThat(line.figure(MetricNames.LOSS)).isEmpty();
        assertThat(line.figure(MetricNames.LEARNING_RATE)).isEmpty();
        assertThat(line.figure(MetricNames.GRAD_NORM)).isEqualTo(OptionalDouble.of(2));
        assertThat(line.validation(MetricNames.PERPLEXITY)).isEqualTo(OptionalDouble.of(25.8));
        assertThat(line.validationLoss()).isEqualTo(OptionalDouble.of(3.25));
        assertThat(line.outlierDimensions()).containsExactly(3, 105);
        assertThat(line.sites()).containsExactly("embeddings");
        assertThat(line.layerNorm("embeddings", Part.WEIGHT, MetricNames.LARGEST_Z))
                .isEqualTo(OptionalDouble.of(-4.5));
        assertThat(line.layerNorm("embeddings", Part.BIAS, MetricNames.LARGEST_Z))
                .isEmpty();
        assertThat(line.dev("dev", "f1")).isEqualTo(OptionalDouble.of(0.5));
        assertThat(line.dev("test", "f1")).isEmpty();
    }
}
