package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class TaskKindTest {
    /** torch.nn.BCEWithLogitsLoss's documented example: 10 rows of 64 targets that hold, outputs of 1.5, 0.20141. */
    @Test
    void lossOfSeveralLabels_isTorchsDocumentedExample() {
        List<String> names = IntStream.range(0, 64).mapToObj(Integer::toString).toList();
        List<Integer> all = IntStream.range(0, 64).boxed().toList();
        List<LabelledExample> examples = IntStream.range(0, 10)
                .mapToObj(i -> new LabelledExample("a", null, new Label.Several(all)))
                .toList();
        float[] outputs = new float[640];
        Arrays.fill(outputs, 1.5f);
        assertThat(new TaskKind.MultiLabel(names).loss(examples, outputs)).isCloseTo(0.2014, within(5e-5));
    }

    @Test
    void lossesOfLargeOutputs_stayFinite() {
        List<LabelledExample> second = List.of(new LabelledExample("a", null, new Label.OneClass(1)));
        assertThat(new TaskKind.Classification(List.of("a", "b")).loss(second, new float[] {1000, -1000}))
                .isEqualTo(2000);
        List<LabelledExample> none = List.of(new LabelledExample("a", null, new Label.Several(List.of())));
        assertThat(new TaskKind.MultiLabel(List.of("a")).loss(none, new float[] {1000}))
                .isEqualTo(1000);
    }
}
