package norma.cli.finetune;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.RunDisplay;
import norma.cli.terminal.StopSignals;
import norma.trainer.finetuning.Finetuning;
import norma.trainer.finetuning.FinetuningSummary;
import norma.trainer.run.StopRequest;

/** One fine-tuning in the foreground: signals, display, summary, exit code. */
public final class FinetuneSession {
    private FinetuneSession() {}

    @SuppressWarnings("try") // the signals are only held
    public static int run(OutputOptions output, Function<Finetuning, FinetuningSummary> work) {
        long start = System.nanoTime();
        StopRequest stop = new StopRequest();
        FinetuningSummary summary;
        try (StopSignals signals = output.signals(stop)) {
            summary = shown(output, stop, work);
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("command", output.commandLine());
        json.setAll(summary.json());
        json.put("run", summary.folder().toString());
        json.put("seconds", (System.nanoTime() - start) / 1e9);
        output.result(json, FinetuneReport.text(summary));
        return summary.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
    }

    /** One of possibly several, with a display of its own, for each has a log of its own. */
    static FinetuningSummary shown(
            OutputOptions output, StopRequest stop, Function<Finetuning, FinetuningSummary> work) {
        try (RunDisplay display = new RunDisplay(output, stop)) {
            try {
                return work.apply(new Finetuning(stop, display));
            } catch (RuntimeException e) {
                display.failed(e);
                throw e;
            }
        }
    }
}
