package norma.cli.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import norma.cli.options.DeviceOptions;
import norma.cli.options.DimensionOptions;
import norma.cli.options.Notation;
import norma.cli.options.RunOptions;
import norma.cli.options.TaskOptions;
import norma.cli.terminal.OutputOptions;
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
            "Fine-tunes a model on a labelled task, with several seeds.",
            "Each seed's best epoch is kept. A fine-tuning that was stopped is resumed by norma resume. With several checkpoints of a run, each is fine-tuned, and then measured whole and ablated; what costliest:K switches off is found on the run's held-out split."
        },
        footer = {
            "  norma finetune models/bert-base-uncased --task mrpc --data GLUE",
            "  norma finetune runs/quickstart --task wordnet --seeds 5",
            "  norma finetune runs/quickstart --task wordnet --checkpoints all"
        })
public final class FinetuneCommand implements Callable<Integer> {
    private static final String ALONG_ONLY =
            "it beside --checkpoints all, every:N or steps (norma ablate --task measures one model)";

    @Parameters(
            paramLabel = "MODEL",
            description = "Folder of the model to start from, or of a run, whose newest checkpoint is taken.")
    private Path start;

    @ArgGroup(exclusive = false, heading = "%nTask:%n", order = 1)
    private TaskOptions task = new TaskOptions();

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training examples; default: 3.")
    private Integer epochs;

    @Option(names = "--learning-rate", paramLabel = "RATE", description = "Peak learning rate; default: 2e-5.")
    private Double learningRate;

    @Option(names = "--batch-size", paramLabel = "N", description = "Examples in a step; default: 32.")
    private Integer batchSize;

    @Option(
            names = "--micro-batch-size",
            paramLabel = "N|auto",
            description = "Examples in memory at once; auto: as many as this machine or card has room for; default: the"
                    + " batch, or on a CPU the largest equal part of it that keeps at most 2 GiB of activations.")
    private String microBatchSize;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "Number of fine-tunings, each with a seed of its own; default: 3.")
    private Integer seeds;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Seed of the first fine-tuning; the others have the numbers after it; default: 1.")
    private Long seed;

    @Option(names = "--max-length", paramLabel = "N", description = "Tokens of an example at most; default: 128.")
    private Integer maxLength;

    @Option(
            names = "--warmup-ratio",
            paramLabel = "SHARE",
            description = "Share of the steps over which the learning rate rises; default: 0.1.")
    private Double warmupRatio;

    @Option(
            names = "--weight-decay",
            paramLabel = "DECAY",
            description = "Weight decay of matrices and embeddings; default: 0.01.")
    private Double weightDecay;

    @Option(
            names = "--max-grad-norm",
            paramLabel = "NORM",
            description = "Global norm to which gradients are clipped, 0 for no clipping; default: 1.")
    private Double maxGradNorm;

    @Option(
            names = "--record-every",
            paramLabel = "N",
            description = "Steps from one record of the LayerNorms to the next; default: 1.")
    private Integer recordEvery;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            description = "Steps from one checkpoint to the next; default: 500.")
    private Integer checkpointEvery;

    @Option(
            names = "--checkpoints",
            paramLabel = "CHECKPOINTS",
            description = "Checkpoints of a run to fine-tune: last (the default), all, every:N (each Nth, counted back"
                    + " from the last), or steps such as 0,500. Unless it is last, the score is drawn against the step,"
                    + " and the same command continues where it was stopped.")
    private String checkpoints = "last";

    @ArgGroup(exclusive = false, heading = "%nAblations, with --checkpoints all, every:N or steps:%n", order = 2)
    private DimensionOptions ablations = new DimensionOptions();

    @Option(
            names = "--precision",
            paramLabel = "PRECISION",
            description = "Precision of training: float32 (the default), tf32, bf16 or auto.")
    private String precision;

    @Mixin
    private DeviceOptions device;

    @Mixin
    private RunOptions run;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        ModelSource source = ModelSource.of(start.toAbsolutePath().normalize(), output::warn);
        FinetuneConfig config = config(source.last().folder());
        String name = run.name(FinetuningName.of(config, source, run.runs()));
        if (checkpoints.equals("last")) {
            ablations.refuse(ALONG_ONLY);
            return FinetuneSession.run(output, finetuning -> finetuning.start(config, run.runs(), name, run.force()));
        }
        NamedChoices choices = new NamedChoices(ablations.choices(StackChoice.ALL));
        return new FinetuneAlongRun(output, run.runs().resolve(name), run.force())
                .run(
                        source,
                        source.select(Notation.checkpoints(checkpoints)),
                        this::config,
                        choices,
                        ablations.baseline(seed));
    }

    private FinetuneConfig config(Path checkpoint) {
        TaskConfig chosen = task.config();
        double rate = learningRate == null ? FinetuneConfig.LEARNING_RATE : learningRate;
        OptimizerConfig optimizer = OptimizerConfig.adamW(rate, weightDecay, maxGradNorm);
        return new FinetuneConfig(
                checkpoint.toString(),
                chosen,
                device.name(),
                precision == null ? null : Notation.precision(precision),
                seed,
                seeds,
                epochs,
                batchSize,
                microBatchSize == null ? null : Notation.microBatchSize(microBatchSize),
                maxLength,
                optimizer,
                warmupRatio,
                new RecordConfig(recordEvery),
                checkpointEvery);
    }
}
