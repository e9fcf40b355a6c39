package norma.sweep.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class TaskRecordTest {
    @TempDir
    private Path folder;

    private static TaskRecord record(TaskState state, Instant heartbeat) {
        return new TaskRecord(
                state, Optional.of("why"), 12, 1, "node", heartbeat, List.of("outliers"), List.of("emergence: no"));
    }

    @Test
    void isReadAsItWasWritten_andNothingIsWaiting() throws IOException {
        TaskRecord record = record(TaskState.DIVERGED, Instant.parse("2026-01-01T00:00:00.5Z"));
        Path file = folder.resolve("a.json");
        record.write(file);

        assertThat(TaskRecord.read(file)).isEqualTo(record);
        assertThat(TaskRecord.read(folder.resolve("none.json")).state()).isEqualTo(TaskState.WAITING);
    }

    @Test
    void runningTask_thatIsNoLongerHeardOf_isInterrupted() {
        Instant now = Instant.now();

        assertThat(record(TaskState.RUNNING, now).stateNow()).isEqualTo(TaskState.RUNNING);
        assertThat(record(TaskState.RUNNING, now.minus(Duration.ofMinutes(2))).stateNow())
                .isEqualTo(TaskState.INTERRUPTED);
        assertThat(record(TaskState.FINISHED, now.minus(Duration.ofMinutes(2))).stateNow())
                .isEqualTo(TaskState.FINISHED);
    }

    @Test
    void damage_isSaidWithFileAndKey() throws IOException {
        Path file = folder.resolve("a.json");
        record(TaskState.FAILED, Instant.now()).write(file);
        String text = Files.readString(file);

        Files.writeString(file, text.replace("failed", "tired"));
        assertThatThrownBy(() -> TaskRecord.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a.json: state: found tired");
        Files.writeString(file, text.replaceAll("\"heartbeat\" : \"[^\"]*\"", "\"heartbeat\" : \"soon\""));
        assertThatThrownBy(() -> TaskRecord.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a.json: heartbeat: found soon");
    }
}
