package norma.cli.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.cli.options.Notation;
import norma.cli.options.RunOptions;
import norma.cli.options.TaskOptions;
import norma.cli.options.WithoutEffect;
import norma.cli.terminal.OutputOptions;
import norma.probes.ablation.Baseline;
import norma.probes.ablation.NamedChoices;
import norma.probes.dimensions.StackChoice;
import norma.probes.source.ModelSource;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.config.OptimizerConfig;
import norma.trainer.config.RecordConfig;
import norma.trainer.config.TaskConfig;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a pre-trained model further on a labelled task. */
@Command(
        name = "finetune",
        description = {
            "Fine-tunes a checkpoint on a labelled task with several seeds, and keeps each seed's best epoch.",
            "norma resume goes on with one that was stopped."
        })
public final class FinetuneCommand implements Callable<Integer> {
    private static final String ALONG_ONLY =
            "it beside --checkpoints all, every:N or steps (norma ablate --task measures one model)";

    @Parameters(
            paramLabel = "CHECKPOINT",
            description = "Folder of the model to start from, or of a run, whose newest checkpoint is taken.")
    private Path start;

    @ArgGroup(exclusive = false, heading = "%nTask:%n", order = 1)
    private TaskOptions task = new TaskOptions();

    @Option(names = "--epochs", description = "Passes over the training examples; default 3.")
    private Integer epochs;

    @Option(names = "--learning-rate", description = "Peak rate; default 2e-5.")
    private Double learningRate;

    @Option(names = "--batch-size", description = "Examples of a step; default 32.")
    private Integer batchSize;

    @Option(names = "--micro-batch-size", description = "Examples in memory together; default: the batch.")
    private Integer microBatchSize;

    @Option(names = "--seeds", description = "How many fine-tunings; default 3.")
    private Integer seeds;

    @Option(names = "--seed", description = "Seed of the first, the next have the following numbers; default 1.")
    private Long seed;

    @Option(names = "--max-length", description = "Tokens of an example at most; default 128.")
    private Integer maxLength;

    @Option(names = "--warmup-ratio", description = "Share of the steps in which the rate rises; default 0.1.")
    private Double warmupRatio;

    @Option(names = "--weight-decay", description = "Of matrices and embeddings; default 0.01.")
    private Double weightDecay;

    @Option(names = "--max-grad-norm", description = "Global norm that gradients are cut to, 0 for none; default 1.")
    private Double maxGradNorm;

    @Option(names = "--record-every", description = "Steps between records of the LayerNorms; default 1.")
    private Integer recordEvery;

    @Option(names = "--checkpoint-every", description = "Steps between checkpoints to resume from; default 500.")
    private Integer checkpointEvery;

    @Option(
            names = "--checkpoints",
            description = {
                "Of a run: last (the default), all, every:N (each Nth, back from the last), or steps: 0,500. All but",
                "last draws the score against the step, whole and ablated; the same command goes on where it stopped."
            })
    private String checkpoints = "last";

    @Option(
            names = "--dims",
            paramLabel = "DIMS",
            description = {
                "Beside --checkpoints: what to switch off after fine-tuning, a list such as 308,381; auto, the outliers by",
                "the paper's rule (the default); top:K, the K most extreme ones; costliest:K, the K that cost the pre-trained",
                "model most on the run's held-out split. Repeat it for several ablations."
            })
    private List<String> dimensions = new ArrayList<>();

    @Option(
            names = "--baseline",
            description = {
                "Beside --checkpoints: others for comparison, random:N, matched:N or none; default random:10."
            })
    private String baseline;

    @Option(names = "--device", description = "cpu (the default), gpu or gpu:N.")
    private String device;

    @Mixin
    private RunOptions run;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        ModelSource source = ModelSource.of(start.toAbsolutePath().normalize(), output::warn);
        FinetuneConfig config = config(source.last().folder());
        String name = run.name(defaultName(config, source.path()));
        if (checkpoints.equals("last")) {
            WithoutEffect.refuse("--dims", dimensions.isEmpty() ? null : dimensions, ALONG_ONLY);
            WithoutEffect.refuse("--baseline", baseline, ALONG_ONLY);
            return FinetuneSession.run(output, finetuning -> finetuning.start(config, run.runs(), name, run.force()));
        }
        NamedChoices choices = new NamedChoices((dimensions.isEmpty() ? List.of("auto") : dimensions)
                .stream()
                        .map(words -> Notation.dimensions("--dims", words, StackChoice.ALL))
                        .toList());
        Baseline compared = Notation.baseline(baseline == null ? "random:10" : baseline, seed == null ? 1 : seed);
        return new FinetuneAlongRun(output, run.runs().resolve(name), run.force())
                .run(source, source.select(Notation.checkpoints(checkpoints)), this::config, choices, compared);
    }

    private FinetuneConfig config(Path checkpoint) {
        TaskConfig chosen = task.config();
        double rate = learningRate == null ? 2e-5 : learningRate;
        OptimizerConfig optimizer = OptimizerConfig.adamW(rate, weightDecay, maxGradNorm);
        return new FinetuneConfig(
                checkpoint.toString(),
                chosen,
                device,
                seed,
                seeds,
                epochs,
                batchSize,
                microBatchSize,
                maxLength,
                optimizer,
                warmupRatio,
                new RecordConfig(recordEvery),
                checkpointEvery);
    }

    private static String defaultName(FinetuneConfig config, Path source) {
        String name = config.task().source().name() + "-" + source.getFileName();
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-");
    }
}
