package norma.probes.damage;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.Counted;
import norma.probes.ablation.AblationFile;
import norma.probes.ablation.AblationFile.Ablation;
import norma.probes.ablation.AblationFile.Checkpoint;
import norma.probes.ablation.AblationFile.Others;
import norma.probes.ablation.AblationJson;
import norma.probes.ablation.Cost;
import norma.probes.ablation.NamedChoices;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.files.ProbeFiles;
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
    private static final String LOSS = "loss";

    public DamageCurve {
        dimensions = List.copyOf(dimensions);
        points = List.copyOf(points);
    }

    /**
     * One checkpoint.
     *
     * @param step of it
     * @param whole validation loss of the whole model, in nats
     * @param cost without the dimensions, 0 where a rule found none at that checkpoint; and without as many random ones
     */
    public record Point(long step, double whole, Cost cost) {
        /** Rise of the loss without the dimensions, in nats. */
        double own() {
            return cost.nats();
        }

        /** Mean rise without as many random dimensions, in nats; NaN where none were drawn. */
        double random() {
            return cost.random();
        }
    }

    /**
     * Reads what a run has kept.
     *
     * @return empty if the run has no such file, or one that is not of language-model losses at several steps
     * @throws norma.datasets.base.InvalidInputException if the file is damaged
     */
    public static Optional<DamageCurve> read(Path run) {
        Path file = ProbeFiles.of(new RunFiles(run)).json(ProbeFiles.ABLATION);
        return Files.isRegularFile(file) ? of(AblationJson.read(file)) : Optional.empty();
    }

    /**
     * The curve that an ablation along a run drew.
     *
     * @return empty if it is not of language-model losses at several steps
     */
    public static Optional<DamageCurve> of(AblationFile file) {
        List<Checkpoint> checkpoints = file.checkpoints().stream()
                .filter(checkpoint -> checkpoint.step().isPresent() && !Double.isNaN(checkpoint.full(LOSS)))
                .sorted(Comparator.comparingLong(checkpoint -> checkpoint.step().orElseThrow()))
                .toList();
        Optional<String> name = name(checkpoints);
        if (name.isEmpty() || !LanguageModelEvaluation.isKind(file.kind().orElse(""))) {
            return Optional.empty();
        }
        List<Point> points = new ArrayList<>();
        Ablation last = null;
        int draws = 0;
        for (Checkpoint checkpoint : checkpoints) {
            Optional<Ablation> here =
                    checkpoint.ablation(name.get()).filter(ablation -> !Double.isNaN(ablation.score(LOSS)));
            if (here.isPresent()) {
                last = here.get();
                draws = checkpoint.random(last).map(Others::draws).orElse(0);
                points.add(new Point(checkpoint.step().orElseThrow(), checkpoint.full(LOSS), checkpoint.cost(last)));
            }
        }
        if (last == null) {
            return Optional.empty();
        }
        String measured = last.place() + "; "
                + file.rows()
                        .map(rows -> Counted.of(rows, "sequence"))
                        .orElse("a number of sequences that was not noted");
        return Optional.of(new DamageCurve(last.dimensions(), draws, measured, points));
    }

    private static Optional<String> name(List<Checkpoint> checkpoints) {
        List<String> names = checkpoints.stream()
                .flatMap(checkpoint -> checkpoint.ablations().stream())
                .map(Ablation::name)
                .toList();
        return names.stream()
                .filter(name -> name.equals(NamedChoices.FINAL) || name.startsWith(NamedChoices.FINAL + " "))
                .findFirst()
                .or(() -> names.stream().findFirst());
    }

    /** The last checkpoint. */
    public Point last() {
        return points.get(points.size() - 1);
    }
}
