package norma.cli.probes;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import norma.cli.options.CheckpointOptions;
import norma.cli.options.DeviceOptions;
import norma.cli.options.DimensionOptions;
import norma.cli.options.EvaluationOptions;
import norma.cli.options.Notation;
import norma.cli.options.TaskOptions;
import norma.cli.options.WithoutEffect;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationFigures;
import norma.probes.ablation.AblationJson;
import norma.probes.ablation.AblationPlace;
import norma.probes.ablation.AblationResult;
import norma.probes.ablation.AblationStudy;
import norma.probes.ablation.Baseline;
import norma.probes.ablation.CheckpointAblation;
import norma.probes.ablation.KeptScans;
import norma.probes.ablation.RunAblation;
import norma.probes.attention.TokenKind;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.evaluation.Evaluation;
import norma.probes.files.ProbeFiles;
import norma.probes.profile.DimensionProfiles;
import norma.probes.profile.ProfileJson;
import norma.probes.profile.ProfileText;
import norma.probes.source.CheckpointChoice;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.pretrained.PretrainedModel;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a model loses without some dimensions. */
@Command(
        name = "ablate",
        description = {
            "Measures what a model loses without some LayerNorm dimensions.",
            "Measured are the model whole, without the dimensions, and without others for comparison. Nothing on disk is changed: an ablation is an edit in memory. For a run, --checkpoints measures along pre-training: each checkpoint without its own outliers (own) and without those of the last one (final)."
        },
        footer = {
            "  norma ablate runs/quickstart --dims costliest:2 --baseline random:20",
            "  norma ablate runs/quickstart --checkpoints all --dims 3,17",
            "  norma ablate models/bert-base-uncased --eval wordnet --dims 308,381"
        })
public final class AblateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = CheckpointOptions.MODEL)
    private Path model;

    @Mixin
    private EvaluationOptions evaluationOptions;

    @Mixin
    private DimensionOptions dimensionOptions;

    @ArgGroup(exclusive = false, heading = "%nTask, whose held-out examples a fine-tuned model is measured on:%n")
    private TaskOptions task;

    @Option(
            names = "--labels",
            paramLabel = "LABELS",
            split = "\\s*,\\s*",
            splitSynopsisLabel = ",",
            description = "Labels of the classifier's outputs in their order, such as contradiction,entailment,neutral,"
                    + " for a model whose config.json names none, or other ones (id2label); default: the task's order.")
    private List<String> labels = List.of();

    @Mixin
    private SiteOptions sites;

    @Mixin
    private ResultOptions results;

    @Option(
            names = "--each",
            description =
                    "Switch off every dimension on its own, and show the shape (LayerNorm), activation and cost of"
                            + " each. A scan that was stopped is continued.")
    private boolean each;

    @Option(
            names = "--layers",
            paramLabel = "LAYERS",
            description = "Layers, counted from 0: all (the default), 3, 0-5, 8- (from 8 on), or several of these with"
                    + " commas between. Embeddings belong to none.")
    private String layers = "all";

    @Option(
            names = "--parts",
            paramLabel = "PARTS",
            description = "Parameters to switch off: weight,bias (the default), weight or bias.")
    private String parts = "weight,bias";

    @Option(
            names = "--value",
            paramLabel = "VALUE",
            description =
                    "Value that takes their place: zero (the default), mean (of the other dimensions; of a matrix,"
                            + " in each row) or initial (weight 1, bias 0, as training begins).")
    private String value = "zero";

    @Option(names = "--seed", paramLabel = "SEED", description = "Seed of random draws; default: 1.")
    private Long seed;

    @Option(
            names = "--checkpoints",
            paramLabel = "CHECKPOINTS",
            description =
                    "Checkpoints of a run to measure: last (the default), all, every:N (each Nth, counted back from"
                            + " the last), or steps such as 0,500.")
    private String checkpoints = "last";

    @Mixin
    private DeviceOptions device;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        AblationPlace place = new AblationPlace(
                sites.choice(), Notation.layers(layers), Notation.parts(parts), Notation.replacement(value));
        results.check(); // before the measuring
        Baseline compared = dimensionOptions.baseline(seed);
        List<DimensionChoice> choices = dimensionOptions.choices(place.sites().stack());
        CheckpointChoice selection = Notation.checkpoints(checkpoints);
        ModelSource source = ModelSource.of(model, output::warn);
        List<ProbedCheckpoint> selected = source.select(selection);
        Device target = device.device();
        if (each) {
            return scan(source, selected, place, target);
        }
        Path folder = results.folder(source.probesFolder());
        ObjectNode result = output.startResult();
        try (ProgressDisplay progress = output.progress()) {
            Evaluation evaluation = evaluation(source, progress);
            RunAblation run = new RunAblation(evaluation, place, choices, compared, new KeptScans(folder), target);
            List<CheckpointAblation> measured = run.measure(source, selected, checkpoints.equals("last"), progress);
            progress.finish();
            result.set("evaluation", evaluation.describe());
            assumed(result, evaluation, run.assumptions());
            AblationJson json = new AblationJson(evaluation, place, run.sites());
            if (checkpoints.equals("last")) {
                result.setAll(json.of(measured.get(0)));
            } else {
                ArrayNode all = result.putArray("checkpoints");
                measured.forEach(checkpoint -> all.add(json.of(checkpoint)));
            }
            output.print(AblationText.of(measured, evaluation));
            if (folder != null) {
                String name = results.claim(
                        folder,
                        checkpoints.equals("last") ? ProbeFiles.ABLATION_LAST : ProbeFiles.ABLATION,
                        result,
                        output);
                AblationFigures.write(folder, name, result, measured, evaluation, results.width());
                output.say("Written to " + folder);
            }
        }
        output.result(result);
        return ExitCode.DONE;
    }

    private Evaluation evaluation(ModelSource source, Progress progress) {
        if (task == null) {
            WithoutEffect.refuse("--labels", labels.isEmpty() ? null : String.join(",", labels), "none without a task");
            return evaluationOptions.prepare(source, progress);
        }
        return evaluationOptions.prepareTask(task.config(), labels, source, progress);
    }

    private void assumed(ObjectNode result, Evaluation evaluation, Collection<String> assumptions) {
        evaluation.notes().forEach(output::say);
        assumptions.forEach(output::warn);
        ArrayNode assumed = result.putArray("assumed");
        evaluation.notes().forEach(assumed::add);
        assumptions.forEach(assumed::add);
    }

    private int scan(ModelSource source, List<ProbedCheckpoint> selected, AblationPlace place, Device target)
            throws IOException {
        Path folder = results.require(source, "the scan");
        if (selected.size() != 1) {
            throw InvalidInputException.of("command line", "--checkpoints", checkpoints, "one checkpoint with --each");
        }
        dimensionOptions.refuse("none beside --each");
        WithoutEffect.refuse("--seed", seed, "none beside --each");
        ObjectNode result = output.startResult();
        try (ProgressDisplay progress = output.progress();
                PretrainedModel bert = PretrainedModel.open(selected.get(0).folder(), target)) {
            Evaluation evaluation = evaluation(source, progress);
            result.set("evaluation", evaluation.describe());
            try (AblationStudy study = AblationStudy.open(bert, evaluation, place, progress)) {
                List<AblationResult> singles = new KeptScans(folder).of(study, progress);
                DimensionProfiles profiles = DimensionProfiles.of(
                        bert,
                        place.sites().stack(),
                        evaluation.plain(),
                        kinds(selected.get(0), bert),
                        KeptScans.costs(study, singles),
                        progress);
                progress.finish();
                assumed(result, evaluation, evaluation.assumptions(bert));
                CheckpointAblation scanned = new CheckpointAblation(
                        bert.folder().toString(), selected.get(0).step(), study.full(), singles, List.of());
                result.setAll(new AblationJson(evaluation, place, bert.layerNormSites()).of(scanned));
                result.set(ProfileJson.KEY, ProfileJson.of(profiles));
                output.print(AblationText.scan(scanned, evaluation));
                output.print("\n" + ProfileText.of(profiles, evaluation.costLabel()));
                List<Integer> outliers = new DimensionChoice.Outliers(
                                OutlierRule.PAPER, place.sites().stack())
                        .of(bert.layerNorms(), new SnapshotLayout(bert.layerNormSites()));
                String name = results.claim(folder, ProbeFiles.ABLATION_EACH, result, output);
                AblationFigures.writeScan(folder, name, result, scanned, evaluation, outliers, results.width());
                output.say("Written to " + folder);
            }
        }
        output.result(result);
        return ExitCode.DONE;
    }

    /** Of the tokens of a model; none where it has no tokenizer. */
    private static TokenKind[] kinds(ProbedCheckpoint checkpoint, PretrainedModel bert) {
        if (!Files.isRegularFile(new CheckpointFiles(checkpoint.folder()).tokenizer())) {
            return new TokenKind[0];
        }
        try (Tokenizer tokenizer = checkpoint.tokenizer()) {
            return TokenKind.of(tokenizer, bert.sequences(), bert.config().vocabSize());
        }
    }
}
