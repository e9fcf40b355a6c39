package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import norma.cli.options.CheckpointOptions;
import norma.cli.options.EvaluationOptions;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.batches.Batch;
import norma.probes.dimensions.SiteChoice;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.files.ProbeFiles;
import norma.probes.outliers.EmbeddingFigure;
import norma.probes.outliers.OutlierJson;
import norma.probes.outliers.OutlierReport;
import norma.probes.outliers.OutlierText;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.pretrained.PretrainedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Which dimensions of a model are outliers. */
@Command(
        name = "outliers",
        description = {
            "Finds a model's outlier dimensions, by every definition in use.",
            "The paper's rule reads LayerNorm parameters. Definitions on activations read text: a run's held-out split by default, or --eval."
        },
        footer = {
            "  norma outliers runs/quickstart > outliers.txt",
            "  norma outliers runs/quickstart --sites \"output, attention\" --json",
            "  norma outliers models/bert-base-uncased --eval wordnet --eval-rows 16"
        })
public final class OutliersCommand implements Callable<Integer> {
    private static final int ROWS = 64;

    @Parameters(paramLabel = "MODEL", description = CheckpointOptions.MODEL)
    private Path model;

    @Mixin
    private CheckpointOptions checkpoint;

    @Mixin
    private OutlierRuleOptions ruleOptions;

    @Mixin
    private SiteOptions sites;

    @Mixin
    private EvaluationOptions evaluationOptions;

    @Mixin
    private ResultOptions results;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        OutlierRule rule = ruleOptions.rule();
        results.check(); // before the reading
        SiteChoice choice = sites.choice();
        ModelSource source = ModelSource.of(model, output::warn);
        ProbedCheckpoint probed = checkpoint.of(source);
        Path folder = results.folder(source.probesFolder());
        ObjectNode result = CheckpointOptions.result(output, probed);
        try (ProgressDisplay progress = output.progress();
                PretrainedModel bert = checkpoint.open(probed)) {
            List<Batch> batches = List.of();
            result.putNull("evaluation");
            if (evaluationOptions.available(source)) {
                LanguageModelEvaluation text = evaluationOptions.prepare(source, progress, ROWS, ROWS);
                text.requireReads(bert);
                batches = text.plain();
                result.set("evaluation", text.describe());
            }
            OutlierReport report = OutlierReport.of(bert, rule, choice, batches, progress);
            progress.finish();
            result.setAll(OutlierJson.of(report));
            output.print(OutlierText.of(report));
            if (!report.hasActivations()) {
                output.print("definitions on activations are left out: they need text (--eval)");
            }
            if (folder != null) {
                String name = results.claim(folder, ProbeFiles.OUTLIERS, result, output);
                ResultOptions.write(folder, name, result);
                EmbeddingFigure.of(bert, report.traced()).write(folder, ProbeFiles.embeddingsOf(name), results.width());
                output.say("Written to " + folder);
            }
        }
        output.result(result);
        return ExitCode.DONE;
    }
}
