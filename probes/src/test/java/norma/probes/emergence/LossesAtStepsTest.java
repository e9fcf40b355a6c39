package norma.probes.emergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class LossesAtStepsTest {
    private static final String LINES = """
            {"step":0,"validation":{"mlm_loss":9.0}}
            {"step":10,"loss":8.5}
            {"step":20,"loss":null}
            {"step":30,"loss":7.5,"validation":{"mlm_loss":7.75}}
            """;

    @TempDir
    Path run;

    @Test
    void theLastLossLoggedUpToAStep_withTheStepAtWhichItWas() throws IOException {
        write(LINES);
        assertThat(at(15).toString())
                .isEqualTo("{\"training_loss\":8.5,\"training_loss_step\":10,\"validation_loss\":9.0,"
                        + "\"validation_loss_step\":0}");
        assertThat(at(30).get("training_loss").asDouble()).isEqualTo(7.5);
    }

    @Test
    void aLossThatIsNull_isNoLossOf0() throws IOException {
        write(LINES);
        assertThat(at(20).get("training_loss").asDouble()).isEqualTo(8.5);
        assertThat(at(20).get("training_loss_step").asLong()).isEqualTo(10);
    }

    @Test
    void beforeTheFirstTrainingLoss_thereIsNone() throws IOException {
        write(LINES);
        assertThat(at(5).has("training_loss")).isFalse();
    }

    @Test
    void aLastLineThatIsBeingWritten_isLeftOut_butADamagedLineIsNamed() throws IOException {
        write(LINES + "{\"step\":40,\"lo");
        assertThat(at(50).get("training_loss_step").asLong()).isEqualTo(30);
        write("{\"step\":0\n" + LINES);
        assertThatThrownBy(() -> LossesAtSteps.read(run))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("line 1");
    }

    private void write(String text) throws IOException {
        Files.writeString(run.resolve("metrics.jsonl"), text);
    }

    private ObjectNode at(long step) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        LossesAtSteps.read(run).put(json, step);
        return json;
    }
}
