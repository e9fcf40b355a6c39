package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import norma.datasets.base.Progress;
import norma.datasets.tasks.LabelledBatch;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.config.MicroBatchSize;
import norma.trainer.config.TaskConfig;
import norma.trainer.serving.LetterCheckpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("engine")
class FinetuningInputsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"16, 4, 4", "64, 64, 64", "16, , 16"})
    void evaluationBatches_haveTheRowsOfAMicroBatch(int batchSize, Integer microBatchSize, int expected)
            throws IOException {
        Path checkpoint = LetterCheckpoint.in(folder);
        String rows = String.join("", Collections.nCopies(66, "yes\tab cd\nno\tef\n"));
        Path task = Files.writeString(folder.resolve("task.tsv"), "label\ttext\n" + rows);
        TaskConfig files = new TaskConfig(
                null, null, null, task.toString(), task.toString(), null, "text", null, "label", null, null);
        FinetuneConfig config = new FinetuneConfig(
                checkpoint.toString(),
                files,
                null,
                null,
                null,
                null,
                null,
                batchSize,
                microBatchSize == null ? null : new MicroBatchSize(microBatchSize),
                8,
                null,
                null,
                null,
                null);
        try (FinetuningInputs inputs = FinetuningInputs.read(config, Device.cpu(), Progress.NONE)) {
            List<LabelledBatch> batches = inputs.devs().get(0).batches();
            assertThat(batches.stream().mapToInt(LabelledBatch::rows).sum()).isEqualTo(132);
            assertThat(batches.subList(0, batches.size() - 1))
                    .extracting(LabelledBatch::rows)
                    .containsOnly(expected);
        }
    }
}
