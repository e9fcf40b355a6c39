package norma.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import norma.datasets.batches.Batch;
import norma.datasets.files.DurableFiles;
import norma.probes.evaluation.MaskedLmEvaluation;
import norma.probes.outliers.EmbeddingHistograms;
import norma.probes.outliers.OutlierReport;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.bert.PretrainedBert;
import norma.trainer.device.Devices;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which dimensions are outliers. */
@Command(
        name = "outliers",
        description = {
            "Says which dimensions of a model are outliers: by the paper's rule, and by the other definitions in use, each",
            "under its own name. Those that look at activations need text (--eval; a run has its own)."
        })
final class OutliersCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = "A run's folder, or a checkpoint folder (norma import makes them).")
    private Path model;

    @Mixin
    private OutlierRuleOptions ruleOptions;

    @Mixin
    private EvaluationOptions evaluationOptions;

    @Option(names = "--checkpoint", paramLabel = "STEP", description = "Which of a run; default the last.")
    private Long step;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Where JSON and figure go; for a run its probes/.")
    private Path out;

    @Option(names = "--device", description = "cpu (the default), gpu or gpu:N.")
    private String device = "cpu";

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        OutlierRule rule = ruleOptions.rule();
        ModelSource source = ModelSource.of(model);
        ProbedCheckpoint checkpoint = step == null ? source.last() : source.at(step);
        Path folder = out != null ? out : source.probesFolder().orElse(null);
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("command", output.commandLine());
        try (ProgressDisplay progress = output.progress();
                PretrainedBert bert = PretrainedBert.open(checkpoint.folder(), Devices.parse(device))) {
            List<Batch> text = List.of();
            if (evaluationOptions.available(source)) {
                MaskedLmEvaluation evaluation = evaluationOptions.prepare(source, progress);
                evaluation.requireReads(bert);
                text = evaluation.batches();
                result.set("text", evaluation.describe());
            }
            OutlierReport report = OutlierReport.of(checkpoint, bert, rule, text, progress);
            progress.finish();
            result.setAll(report.json());
            output.say(OutlierText.of(report));
            if (folder != null) {
                write(folder, result, bert, report);
            }
        }
        output.result(result);
        return ExitCode.DONE;
    }

    private void write(Path folder, ObjectNode result, PretrainedBert bert, OutlierReport report) throws IOException {
        Files.createDirectories(folder);
        DurableFiles.write(
                folder.resolve("outliers.json"),
                new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(result));
        List<Integer> marked =
                report.dimensions().stream().map(OutlierDimension::dimension).toList();
        EmbeddingHistograms.of(bert, marked, "Embeddings of " + bert.folder()).write(folder, "embeddings");
        output.say("Written to " + folder);
    }
}
