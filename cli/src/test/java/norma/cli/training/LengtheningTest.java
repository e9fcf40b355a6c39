package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.SameRun;
import norma.cli.TinyRunTests;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A run that is given more steps is the run that had them from the start. */
@Tag("run")
class LengtheningTest extends TinyRunTests {
    private Path train(String name, String... settings) {
        List<Object> words = new ArrayList<>(List.of("pretrain", config, "--runs", runs, "--run", name, "--quiet"));
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        CommandLineRun run = CommandLineRun.of(words.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return runs.resolve(name);
    }

    private static CommandLineRun lengthen(Path run, int steps) {
        return CommandLineRun.of("resume", run, "--set", "training.steps=" + steps);
    }

    private static void assertSame(Path longer, Path whole, int steps) throws IOException {
        SameRun.assertSame(longer, whole, steps);
        assertThat(longer.resolve("config.yaml")).hasSameTextualContentAs(whole.resolve("config.yaml"));
        assertThat(longer.resolve("checkpoints").toFile().list())
                .containsExactlyInAnyOrder(whole.resolve("checkpoints").toFile().list());
        CommandLineRun verified = CommandLineRun.of("verify", longer);
        assertThat(verified.code()).as(verified.err()).isZero();
    }

    @Test
    void withAConstantSchedule_itEqualsOneThatWasThatLongFromTheStart() throws IOException {
        Path whole = train("whole", "schedule.type=constant", "training.steps=9");
        Path longer = train("longer", "schedule.type=constant", "training.steps=6");
        CommandLineRun run = lengthen(longer, 9);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("has 9 steps now, not 6");
        assertThat(run.out()).startsWith("Done: step 9 of 9.");
        assertSame(longer, whole, 9);
        JsonNode noted = new ObjectMapper()
                .readTree(longer.resolve("provenance.json").toFile())
                .at("/lengthened/0");
        assertThat(noted.get("from_step").asInt()).isEqualTo(6);
        assertThat(noted.get("steps").asInt()).isEqualTo(9);
        assertThat(CommandLineRun.of("resume", longer).err()).contains("is finished: step 9 of 9");
    }

    /** The shorter run ends at a step at which the longer one is neither evaluated nor saved. */
    @Test
    void whatOnlyTheShorterRunHad_isNotLeft() throws IOException {
        Path whole = train("whole", "schedule.type=constant", "training.steps=8");
        Path longer = train("longer", "schedule.type=constant", "training.steps=5");
        CommandLineRun run = lengthen(longer, 8);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("resuming " + longer + " at step 3 of 8");
        assertSame(longer, whole, 8);
    }

    @Test
    void whereItWouldNotBeTheSame_itIsRefused_andAForkNamed() throws IOException {
        Path run = train("linear");
        String before = Files.readString(run.resolve("config.yaml"));
        lengthen(run, 9)
                .assertRefused(
                        "command line: --set training.steps=9: found 9, expected 6: schedule.type ends at the last step, so a"
                                + " longer run would have had other rates from the start; a fork says what differs");
        CommandLineRun.of("resume", run, "--set", "optimizer.learning_rate=1e-3")
                .assertRefused(
                        "--set optimizer.learning_rate=1e-3: found 0.001, expected 1.0E-4: a run goes on with its own settings");
        Path constant = train("constant", "schedule.type=constant");
        lengthen(constant, 4)
                .assertRefused("--set training.steps=4: found 4, expected 6: a run can be made longer only");
        assertThat(Files.readString(run.resolve("config.yaml"))).isEqualTo(before);
        assertThat(CommandLineRun.of("resume", run).code()).isZero();
    }
}
