package norma.cli.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.ShipsTask;
import norma.cli.TrainedRunTests;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Tests that fine-tune the last checkpoint of a tiny run on the made-up task. */
abstract class FinetuneTests extends TrainedRunTests {
    static Path checkpoint;
    static ShipsTask ships;

    /** Where the fine-tunings of one test go. */
    Path runs;

    @BeforeAll
    static void writeTask() throws IOException {
        checkpoint = run.resolve("checkpoints/step-00000006");
        ships = ShipsTask.in(shared);
    }

    @BeforeEach
    void chooseRuns() {
        runs = folder.resolve("runs");
    }

    /** Fine-tuning on the ships. */
    List<Object> classes(Object... options) {
        return ships.finetune(checkpoint, runs, options);
    }

    static CommandLineRun run(List<Object> words) {
        return CommandLineRun.of(words.toArray());
    }
}
