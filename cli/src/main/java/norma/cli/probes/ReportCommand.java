package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.probes.report.Report;
import norma.trainer.run.RunFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the page about a run. */
@Command(
        name = "report",
        description = {
            "Writes one self-contained HTML page about a run.",
            "The page has the run's settings, figures and what the probes have found."
        },
        footer = {"  norma report runs/quickstart", "  norma report runs/quickstart --out quickstart.html"})
public final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "Folder of the run, or of a fine-tuning that has ended.")
    private Path run;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Page to write; default: RUN/report.html, which is replaced.")
    private Path out;

    @Option(names = "--force", description = "Replace FILE.")
    private boolean force;

    @Mixin
    private FigureOptions figures;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        if (out != null && Files.exists(out) && !force) {
            throw new AlreadyExistsException(out, "exists already", "a new file");
        }
        Path parent = out == null ? run : out.toAbsolutePath().getParent();
        if (!Files.isDirectory(parent)) {
            throw new InvalidInputException(parent + ": no such folder, expected one that exists");
        }
        Path page = out == null ? new RunFiles(run).report() : out;
        Report report = Report.write(run, page, figures.width(), output.commandLine(), this::command, output::warn);
        output.print("Wrote " + report.file() + " ("
                + Counted.of(report.figures().size(), "figure")
                + (report.missing().isEmpty() ? "" : "; not run yet: " + String.join(", ", report.missing())) + ")");
        ObjectNode result = output.startResult();
        result.put("report", report.file().toString());
        report.figures().forEach(result.putArray("figures")::add);
        report.missing().forEach(result.putArray("missing")::add);
        output.result(result);
        return ExitCode.DONE;
    }

    /** The command line that makes what the report shows of a probe. */
    private String command(String probe) {
        return switch (probe) {
            case "ablation" -> OutputOptions.quoted(List.of("norma", "ablate", run.toString(), "--checkpoints", "all"));
            default -> OutputOptions.quoted(List.of("norma", probe, run.toString()));
        };
    }
}
