package norma.cli.bench;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.cli.options.CheckpointOptions;
import norma.cli.options.DeviceOptions;
import norma.cli.options.EvaluationOptions;
import norma.cli.options.Notation;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.probes.ablation.AblationPlace;
import norma.probes.bench.ProbeBenchmark;
import norma.probes.dimensions.StackChoice;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.source.ModelSource;
import norma.trainer.pretrained.PretrainedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Times ablations. */
@Command(
        name = "probes",
        description = {
            "Times ablations against the plain forward pass.",
            "Both see the same examples. Timed in turns within one process: an ablation by itself, and each further one (a dimension of a scan); in all layers and in some. The ablations edit weight and bias of the output LayerNorms, as in the paper."
        },
        footer = {
            "  norma bench probes runs/quickstart",
            "  norma bench probes models/bert-base-uncased --eval wordnet --eval-rows 32"
        })
final class BenchProbesCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = CheckpointOptions.MODEL)
    private Path model;

    @Mixin
    private EvaluationOptions evaluationOptions;

    @Option(
            names = "--layers",
            paramLabel = "LAYERS",
            description = "Layers timed beside all of them, counted from 0: 3, 0-5, 8- (from 8 on), or several of these"
                    + " with commas between; default: the upper third. What lies below the first is computed once for"
                    + " all ablations.")
    private String layers;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Number of measurements of each; default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Mixin
    private DeviceOptions device;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        ModelSource source = ModelSource.of(model, output::warn);
        Device target = device.device();
        try (ProgressDisplay progress = output.progress()) {
            LanguageModelEvaluation evaluation = evaluationOptions.prepare(source, progress);
            long start = System.nanoTime();
            return measure(PretrainedModel.open(source.last().folder(), target), start, evaluation, progress);
        }
    }

    private int measure(
            PretrainedModel opened, long start, LanguageModelEvaluation evaluation, ProgressDisplay progress) {
        try (PretrainedModel bert = opened) {
            double opening = (System.nanoTime() - start) / 1e9;
            List<String> words = List.of("all", layers == null ? upperThird(bert) : layers);
            List<AblationPlace> places =
                    words.stream().map(BenchProbesCommand::place).toList();
            ProbeBenchmark.Result result = new ProbeBenchmark(bert, evaluation, places).run(rounds, progress);
            progress.finish();
            ObjectNode json = json(result, words);
            json.put("open_model_seconds", opening);
            json.set("evaluation", evaluation.describe());
            output.result(json, text(result, words, evaluation, opening));
        }
        return ExitCode.DONE;
    }

    private static String upperThird(PretrainedModel bert) {
        return StackChoice.ALL.depth(bert.layerNormSites()) * 2 / 3 + "-";
    }

    private static AblationPlace place(String layers) {
        AblationPlace paper = AblationPlace.PAPER;
        return new AblationPlace(paper.sites(), Notation.layers(layers), paper.parts(), paper.replacement());
    }

    private ObjectNode json(ProbeBenchmark.Result result, List<String> words) {
        ObjectNode json = output.startResult();
        json.put("model", model.toString());
        json.put("rounds", rounds);
        json.put("loss", result.loss());
        json.set("plain_seconds", SpreadText.json(result.plainSeconds()));
        ArrayNode places = json.putArray("places");
        for (int i = 0; i < words.size(); i++) {
            ProbeBenchmark.Place place = result.places().get(i);
            ObjectNode one = places.addObject();
            one.put("layers", words.get(i));
            one.put("loss", place.loss());
            one.set("ablation_seconds", SpreadText.json(place.aloneSeconds()));
            one.set("ablation_ratio", SpreadText.json(place.aloneRatio()));
            one.set("scan_seconds_per_dimension", SpreadText.json(place.furtherSeconds()));
            one.set("scan_ratio", SpreadText.json(place.furtherRatio()));
            one.set("edit_seconds", SpreadText.json(place.editSeconds()));
        }
        return json;
    }

    private static String text(
            ProbeBenchmark.Result result, List<String> words, LanguageModelEvaluation evaluation, double opening) {
        List<String> lines = new ArrayList<>();
        lines.add(evaluation.words() + "; min / median / max");
        lines.add(line("plain forward pass, scored", SpreadText.of(result.plainSeconds(), 1, 3) + " s"));
        for (int i = 0; i < words.size(); i++) {
            ProbeBenchmark.Place place = result.places().get(i);
            String where = "layers " + words.get(i) + ": ";
            lines.add(line(
                    where + "one ablation by itself",
                    SpreadText.of(place.aloneSeconds(), 1, 3) + " s, " + SpreadText.of(place.aloneRatio(), 1, 3)
                            + " of the plain pass"));
            lines.add(line(
                    where + "each further one",
                    SpreadText.of(place.furtherSeconds(), 1, 3) + " s, " + SpreadText.of(place.furtherRatio(), 1, 3)
                            + " of the plain pass"));
            lines.add(line(where + "edit and undo", SpreadText.of(place.editSeconds(), 1e3, 2) + " ms, part of both"));
        }
        lines.add(line("reading the model, once", String.format(Locale.ROOT, "%.3f s", opening)));
        return String.join("\n", lines);
    }

    private static String line(String what, String figures) {
        return String.format(Locale.ROOT, "%-37s %s", what, figures);
    }
}
