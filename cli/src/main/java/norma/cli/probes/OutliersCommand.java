package norma.cli.probes;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import norma.cli.options.CheckpointOptions;
import norma.cli.options.EvaluationOptions;
import norma.cli.options.Notation;
import norma.cli.options.StackOptions;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.batches.Batch;
import norma.datasets.files.DurableFiles;
import norma.probes.dimensions.SiteChoice;
import norma.probes.evaluation.MaskedLmEvaluation;
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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which dimensions of a model are outliers. */
@Command(
        name = "outliers",
        description = {
            "Finds a model's outlier dimensions by the paper's rule on LayerNorm parameters, and by every other definition",
            "in use beside it. Those on activations read text: a run's held-out split by default, or --eval."
        })
public final class OutliersCommand implements Callable<Integer> {
    private static final int ROWS = 64;
    private static final String NAME = "outliers";

    @Parameters(paramLabel = "MODEL", description = CheckpointOptions.MODEL)
    private Path model;

    @Mixin
    private CheckpointOptions checkpoint;

    @Mixin
    private OutlierRuleOptions ruleOptions;

    @Option(
            names = "--sites",
            description = {
                "LayerNorms: output (of each layer, the default), attention, feed-forward, embeddings, final, several of",
                "them, or all."
            })
    private String sites = "output";

    @Mixin
    private StackOptions stack;

    @Mixin
    private EvaluationOptions evaluationOptions;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Where JSON and figure go; for a run its probes/.")
    private Path out;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        OutlierRule rule = ruleOptions.rule();
        SiteChoice choice = Notation.sites(sites, stack.choice());
        ModelSource source = ModelSource.of(model, output::warn);
        ProbedCheckpoint probed = checkpoint.of(source);
        Path folder = out != null ? out : source.probesFolder().orElse(null);
        ObjectNode result = CheckpointOptions.result(output, probed);
        try (ProgressDisplay progress = output.progress();
                PretrainedModel bert = checkpoint.open(probed)) {
            List<Batch> batches = List.of();
            result.putNull("evaluation");
            if (evaluationOptions.available(source)) {
                MaskedLmEvaluation text = evaluationOptions.prepare(source, progress, ROWS, ROWS);
                text.requireReads(bert);
                batches = text.batches();
                result.set("evaluation", text.describe());
            }
            OutlierReport report = OutlierReport.of(bert, rule, choice, batches, progress);
            progress.finish();
            result.setAll(OutlierJson.of(report));
            output.say(OutlierText.of(report));
            if (!report.hasActivations()) {
                output.say("definitions on activations are left out: they need text (--eval)");
            }
            if (folder != null) {
                Files.createDirectories(folder);
                DurableFiles.write(
                        folder.resolve(NAME + ".json"),
                        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(result));
                EmbeddingFigure.of(bert, report.traced()).write(folder, NAME + "-embeddings");
                output.say("Written to " + folder);
            }
        }
        output.result(result);
        return ExitCode.DONE;
    }
}
