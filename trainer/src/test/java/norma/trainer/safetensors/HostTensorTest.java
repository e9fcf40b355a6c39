package norma.trainer.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class HostTensorTest {
    private static final int SIZE = 2 * HostTensor.PART + 3;

    @TempDir
    private Path folder;

    private static float[] numbers() {
        float[] numbers = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            numbers[i] = i * 0.5f;
        }
        return numbers;
    }

    @Test
    void aDeferredTensor_isWrittenAPartAtATime_asItIsThen() throws IOException {
        float[] source = new float[SIZE];
        List<Integer> counts = new ArrayList<>();
        HostTensor deferred = HostTensor.deferred(new long[] {SIZE}, (from, count) -> {
            counts.add(count);
            return Arrays.copyOfRange(source, (int) from, (int) from + count);
        });
        System.arraycopy(numbers(), 0, source, 0, SIZE);
        SafetensorsWriter.write(folder.resolve("deferred"), Map.of("a", deferred), Map.of());
        SafetensorsWriter.write(
                folder.resolve("there"), Map.of("a", new HostTensor(new long[] {SIZE}, numbers())), Map.of());
        assertThat(folder.resolve("deferred")).hasSameBinaryContentAs(folder.resolve("there"));
        assertThat(counts).containsExactly(HostTensor.PART, HostTensor.PART, 3);
    }

    @Test
    void aFilesTensors_areReadInParts() throws IOException {
        Path file = folder.resolve("file");
        SafetensorsWriter.write(file, Map.of("a", new HostTensor(new long[] {SIZE}, numbers())), Map.of());
        HostTensor tensor = SafetensorsFile.deferred(file).get("a");
        assertThat(tensor.shape()).containsExactly(SIZE);
        assertThat(tensor.values()).containsExactly(numbers());
        for (long[] part : new long[][] {{0, 1}, {7, 300_000}, {SIZE - 2, 2}}) {
            assertThat(tensor.values(part[0], (int) part[1]))
                    .containsExactly(Arrays.copyOfRange(numbers(), (int) part[0], (int) (part[0] + part[1])));
        }
    }

    @Test
    void theFirstNumberThatIsNotFinite_isFound_whereverItStands() {
        float[] numbers = numbers();
        assertThat(new HostTensor(new long[] {SIZE}, numbers).notFinite()).isEmpty();
        numbers[SIZE - 1] = Float.NEGATIVE_INFINITY;
        assertThat(new HostTensor(new long[] {SIZE}, numbers).notFinite()).hasValue(Double.NEGATIVE_INFINITY);
        numbers[5] = Float.NaN;
        assertThat(new HostTensor(new long[] {SIZE}, numbers).notFinite()).hasValue(Double.NaN);
    }

    @Test
    void aShapeThatDoesNotHoldTheValues_isRefused() {
        assertThatThrownBy(() -> new HostTensor(new long[] {2, 3}, new float[5]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shape [2, 3] does not hold 5 values");
        assertThatThrownBy(() -> new HostTensor(new long[] {-1}, new float[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shape [-1] is none");
    }
}
