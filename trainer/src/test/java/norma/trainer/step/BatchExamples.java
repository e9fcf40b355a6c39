package norma.trainer.step;

import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.TaskKind;

/** The labels of a batch as the examples that they came from, whose texts play no part. */
final class BatchExamples {
    private BatchExamples() {}

    static List<LabelledExample> of(LabelledBatch batch, TaskKind kind) {
        return IntStream.range(0, batch.rows())
                .mapToObj(row -> new LabelledExample("", null, label(batch, kind, row)))
                .toList();
    }

    private static Label label(LabelledBatch batch, TaskKind kind, int row) {
        if (kind instanceof TaskKind.Classification) {
            return new Label.OneClass(batch.classes()[row]);
        }
        int first = row * kind.outputs();
        return kind instanceof TaskKind.Regression
                ? new Label.Target(batch.targets()[first])
                : new Label.Several(IntStream.range(0, kind.outputs())
                        .filter(k -> batch.targets()[first + k] == 1)
                        .boxed()
                        .toList());
    }
}
