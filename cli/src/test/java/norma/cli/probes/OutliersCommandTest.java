package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.TrainedRunTests;
import norma.cli.terminal.ExitCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Outliers and emergence of a run: one JSON each, files in the run, one stack. */
@Tag("run")
class OutliersCommandTest extends TrainedRunTests {
    @Test
    void outliersAndEmergence_printOneJson_andWriteIntoTheRun() throws IOException {
        CommandLineRun outliers = CommandLineRun.of("outliers", run, "--json");
        assertThat(outliers.code()).as(outliers.err()).isZero();
        assertThat(outliers.json().get("dimensions").isArray()).isTrue();
        assertThat(outliers.json().get("definitions").size()).isGreaterThan(5);
        CommandLineRun emergence = CommandLineRun.of("emergence", run, "--json");
        assertThat(emergence.code()).as(emergence.err()).isZero();
        assertThat(emergence.json().get("last_step").asLong()).isEqualTo(6);
        assertThat(run.resolve("probes/outliers.json")).exists();
        assertThat(run.resolve("probes/emergence.png")).exists();
    }

    @Test
    void theOnlyStack_givesWhatAllGive_andAnotherIsRefused() throws IOException {
        for (String probe : List.of("outliers", "emergence")) {
            CommandLineRun all = CommandLineRun.of(probe, run, "--json");
            CommandLineRun encoder = CommandLineRun.of(probe, run, "--json", "--stack", "encoder");
            assertThat(encoder.code()).as(encoder.err()).isZero();
            ObjectNode expected = (ObjectNode) all.json();
            ObjectNode found = (ObjectNode) encoder.json();
            expected.remove(List.of("command", "options"));
            found.remove(List.of("command", "options"));
            assertThat(found.toString()).isEqualTo(expected.toString());
            CommandLineRun decoder = CommandLineRun.of(probe, run, "--stack", "decoder");
            assertThat(decoder.code()).isEqualTo(ExitCode.INVALID_INPUT);
            assertThat(decoder.err()).contains("--stack: found decoder, expected encoder or all");
        }
    }
}
