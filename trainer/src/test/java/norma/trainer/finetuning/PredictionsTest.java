package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.metrics.Metric;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TaskKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class PredictionsTest {
    @TempDir
    private Path folder;

    private List<String> lines(TaskKind kind, Metric metric, Label label, float... outputs) throws IOException {
        LabelledSplit split =
                new LabelledSplit("dev", "a test", List.of(new LabelledExample("a\tb\\c", "d\ne", label)), List.of());
        LabelledTask task = new LabelledTask("t", kind, split, List.of(split), List.of(metric), List.of(metric));
        Predictions predictions = new Predictions(task);
        predictions.add(new DevSet(split, List.of(), 0), outputs);
        Path file = folder.resolve("predictions.tsv");
        predictions.write(file);
        return Files.readAllLines(file);
    }

    @Test
    void aClass_hasTheSoftmaxOfEveryLabel_andTextsStayOnTheirLine() throws IOException {
        TaskKind kind = new TaskKind.Classification(List.of("no", "yes"));
        assertThat(lines(kind, Metric.ACCURACY, new Label.OneClass(0), 0, (float) Math.log(3)))
                .containsExactly(
                        "split\tindex\tgold\tpredicted\tp(no)\tp(yes)\ttext\ttext_pair",
                        "dev\t0\tno\tyes\t0.250000\t0.750000\ta\\tb\\\\c\td\\ne");
    }

    @Test
    void severalLabels_haveTheirSigmoids() throws IOException {
        TaskKind kind = new TaskKind.MultiLabel(List.of("x", "y", "z"));
        assertThat(lines(
                                kind,
                                Metric.LABEL_MICRO_F1,
                                new Label.Several(List.of(0, 2)),
                                (float) Math.log(3),
                                -1000,
                                (float) Math.log(4))
                        .get(1))
                .startsWith("dev\t0\tx,z\tx,z\t0.750000\t0.000000\t0.800000\t");
    }

    @Test
    void aNumber_hasItsDifference() throws IOException {
        assertThat(lines(new TaskKind.Regression(), Metric.MEAN_SQUARED_ERROR, new Label.Target(2.5), 2.25f)
                        .get(1))
                .startsWith("dev\t0\t2.5\t2.25\t-0.250000\t");
    }
}
