package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.base.Counted;
import norma.probes.verification.RunVerification;
import norma.probes.verification.VerifiedCheckpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Whether a run's folder holds what it says. */
@Command(
        name = "verify",
        description = {
            "Checks that a run's checkpoints are intact and as recorded.",
            "Each has to match its manifest, no two may hold the same weights, the LayerNorm values of each have to be those of the recording at its step, bit for bit, and recording and metrics up to each have to be as they were when it was written. Nothing is written. Exit code 1 if something is wrong."
        },
        footer = {"  norma verify runs/quickstart", "  norma verify runs/quickstart --json"})
public final class VerifyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "Folder of the run.")
    private Path run;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        RunVerification verified;
        try (ProgressDisplay progress = output.progress()) {
            verified = RunVerification.of(run, progress);
            progress.finish();
        }
        verified.problems().forEach(output::fail);
        int checkpoints = verified.checkpoints().size();
        output.print(
                verified.problems().isEmpty()
                        ? String.format(
                                Locale.ROOT,
                                "%s: %s, %s: whole, distinct, in order; LayerNorms of %,d as recorded, bit for bit%s",
                                run,
                                Counted.of(checkpoints, "checkpoint"),
                                steps(verified.checkpoints()),
                                verified.compared(),
                                verified.compared() < checkpoints ? "; the steps of the others are not recorded" : "")
                        : run + ": " + Counted.of(verified.problems().size(), "problem"));
        output.result(json(verified));
        return verified.problems().isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static String steps(List<VerifiedCheckpoint> checkpoints) {
        long first = checkpoints.get(0).step();
        long last = checkpoints.get(checkpoints.size() - 1).step();
        return first == last
                ? String.format(Locale.ROOT, "step %,d", first)
                : String.format(Locale.ROOT, "steps %,d to %,d", first, last);
    }

    private ObjectNode json(RunVerification verified) {
        ObjectNode json = output.startResult();
        json.put("run", run.toString());
        json.put("verified", verified.problems().isEmpty());
        verified.problems().forEach(json.putArray("problems")::add);
        ArrayNode checkpoints = json.putArray("checkpoints");
        for (VerifiedCheckpoint checkpoint : verified.checkpoints()) {
            checkpoints
                    .addObject()
                    .put("step", checkpoint.step())
                    .put("whole", checkpoint.weightsSha256() != null)
                    .put("weights_sha256", checkpoint.weightsSha256())
                    .put("recorded_values_compared", checkpoint.comparedValues());
        }
        return json;
    }
}
