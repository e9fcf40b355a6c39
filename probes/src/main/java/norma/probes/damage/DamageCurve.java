package norma.probes.damage;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import norma.probes.ablation.AblationFile;
import norma.probes.ablation.NamedChoices;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.trainer.run.RunFiles;

/**
 * What the checkpoints of a run lose without some dimensions, and without random others, as an ablation along the run
 * kept it in {@code probes/ablation.json}. Of several ablations it is that of the last checkpoint's dimensions, or else
 * the first one.
 *
 * @param dimensions what was switched off at the last of the checkpoints, ascending
 * @param draws how many random draws stand beside it; 0 if none do
 * @param measured what has to be alike for curves to be compared: place of the ablation, number of sequences
 * @param points by step, ascending, at least one
 */
public record DamageCurve(List<Integer> dimensions, int draws, String measured, List<Point> points) {
    public DamageCurve {
        dimensions = List.copyOf(dimensions);
        points = List.copyOf(points);
    }

    /**
     * One checkpoint.
     *
     * @param step of it
     * @param whole validation loss of the whole model, in nats
     * @param cost rise of the loss without the dimensions; 0 where a rule found none at that checkpoint
     * @param random mean rise without as many random dimensions; NaN where none were drawn
     */
    public record Point(long step, double whole, double cost, double random) {}

    /**
     * Reads what a run has kept.
     *
     * @return empty if the run has no such file, or one that is not of language-model losses at several steps
     * @throws norma.datasets.base.InvalidInputException if the file is damaged
     */
    public static Optional<DamageCurve> read(Path run) {
        Path file = new RunFiles(run).probes().resolve("ablation.json");
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        JsonNode json = AblationFile.read(file).node();
        List<JsonNode> checkpoints = StreamSupport.stream(
                        json.path("checkpoints").spliterator(), false)
                .filter(checkpoint -> checkpoint.path("step").isNumber()
                        && checkpoint.at("/full/loss").isNumber())
                .toList();
        if (checkpoints.isEmpty()
                || !LanguageModelEvaluation.isKind(json.at("/evaluation/kind").asText())) {
            return Optional.empty();
        }
        return of(json, checkpoints);
    }

    private static Optional<DamageCurve> of(JsonNode json, List<JsonNode> checkpoints) {
        Optional<String> name = name(checkpoints);
        if (name.isEmpty()) {
            return Optional.empty();
        }
        List<Point> points = new ArrayList<>();
        JsonNode ablation = null;
        int draws = 0;
        for (JsonNode checkpoint : checkpoints) {
            double whole = checkpoint.at("/full/loss").asDouble();
            Optional<JsonNode> here = ablation(checkpoint, name.get());
            if (here.isPresent() && here.get().path("loss").isNumber()) {
                ablation = here.get();
                Optional<JsonNode> random = random(checkpoint, ablation);
                draws = random.map(one -> one.path("draws").size()).orElse(0);
                points.add(new Point(
                        checkpoint.path("step").asLong(),
                        whole,
                        ablation.path("loss").asDouble() - whole,
                        random.map(one -> one.path("loss_mean").asDouble(Double.NaN) - whole)
                                .orElse(Double.NaN)));
            }
        }
        if (ablation == null) {
            return Optional.empty();
        }
        List<Integer> dimensions = new ArrayList<>();
        ablation.path("dimensions").forEach(dimension -> dimensions.add(dimension.asInt()));
        String measured = String.join(
                "; ",
                "sites " + ablation.path("sites").asText(),
                "layers " + ablation.path("layers"),
                "parts " + ablation.path("parts"),
                "value " + ablation.path("value").asText(),
                json.at("/evaluation/rows").asText() + " sequences");
        points.sort(Comparator.comparingLong(Point::step));
        return Optional.of(new DamageCurve(dimensions, draws, measured, points));
    }

    private static Optional<String> name(List<JsonNode> checkpoints) {
        Set<String> names = new LinkedHashSet<>();
        checkpoints.forEach(checkpoint -> checkpoint
                .path("ablations")
                .forEach(ablation -> names.add(ablation.path("name").asText())));
        return names.stream()
                .filter(name -> name.equals(NamedChoices.FINAL) || name.startsWith(NamedChoices.FINAL + " "))
                .findFirst()
                .or(() -> names.stream().findFirst());
    }

    private static Optional<JsonNode> ablation(JsonNode checkpoint, String name) {
        return StreamSupport.stream(checkpoint.path("ablations").spliterator(), false)
                .filter(ablation -> ablation.path("name").asText().equals(name))
                .findFirst();
    }

    /** The random draws of as many dimensions. */
    private static Optional<JsonNode> random(JsonNode checkpoint, JsonNode ablation) {
        List<JsonNode> all = new ArrayList<>();
        checkpoint.path("baselines").forEach(all::add);
        all.add(checkpoint.path("baseline"));
        return all.stream()
                .filter(baseline -> baseline.path("name").asText().startsWith("random")
                        && baseline.path("dimensions_per_draw").asInt()
                                == ablation.path("dimensions").size())
                .findFirst();
    }

    /** The last checkpoint. */
    public Point last() {
        return points.get(points.size() - 1);
    }
}
