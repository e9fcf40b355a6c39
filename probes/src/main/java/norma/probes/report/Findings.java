package norma.probes.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import norma.probes.ablation.AblationFile;
import norma.probes.ablation.AblationJson;
import norma.probes.ablation.Cost;
import norma.probes.ablation.NamedChoices;
import norma.probes.damage.DamageCurve;
import norma.probes.damage.Onset;
import norma.probes.emergence.EmergedDimension;
import norma.probes.emergence.EmergenceFile;
import norma.probes.emergence.EmergenceJson;
import norma.probes.emergence.LossesAtSteps;
import norma.probes.files.ProbeFiles;
import norma.probes.outliers.OutlierFile;
import norma.probes.outliers.OutlierJson;

/** What a page begins with: one paragraph, and the tables of the outliers, of their onset and of what they cost. */
final class Findings {
    private static final String LOSS = "loss";

    private final ReportedRun run;
    private final Optional<OutlierFile> outliers;
    private final Optional<EmergenceFile> emergence;
    private final Optional<AblationFile> alongRun;
    private final Optional<AblationFile> ablation;

    Findings(ReportedRun run) {
        this.run = run;
        outliers = run.found(ProbeFiles.OUTLIERS, OutlierJson::read);
        emergence = run.found(ProbeFiles.EMERGENCE, EmergenceJson::read);
        alongRun = run.found(ProbeFiles.ABLATION, AblationJson::read);
        ablation = alongRun.or(() -> run.found(ProbeFiles.ABLATION_LAST, AblationJson::read));
    }

    /** @param missing writes that a probe has not been run yet, with its command */
    void write(Html page, ProbeSections missing) throws IOException {
        page.heading("What was found");
        page.paragraph(String.join(" ", sentences()));
        older().ifPresent(page::paragraph);
        if (outliers.isPresent()) {
            outliers(page, outliers.get());
        } else {
            missing.noted(page, ProbeFiles.OUTLIERS, "No outlier table yet:");
        }
        if (emergence.isPresent()) {
            onset(page, emergence.get());
        } else {
            missing.noted(page, ProbeFiles.EMERGENCE, "No emergence yet:");
        }
        ablated().ifPresent(last -> costs(page, last));
        if (alongRun.isEmpty()) {
            missing.noted(
                    page,
                    ProbeFiles.ABLATION,
                    ablation.isEmpty() ? "No ablation yet:" : "No ablation along the checkpoints yet:");
        }
    }

    /** The last checkpoint that was measured. */
    private Optional<AblationFile.Checkpoint> ablated() {
        return ablation.flatMap(file -> file.checkpoints().stream().reduce((earlier, later) -> later));
    }

    /** Which results were made before the run's last checkpoint, or before the end of its recording, in a sentence. */
    private Optional<String> older() throws IOException {
        OptionalLong checkpoint = run.lastCheckpoint();
        OptionalLong recorded = run.lastRecorded();
        List<String> older = new ArrayList<>();
        outliers.flatMap(OutlierFile::step)
                .filter(step -> ReportedRun.isEarlier(step, checkpoint))
                .ifPresent(step -> older.add(line("the outliers, of step %,d", step)));
        emergence
                .map(EmergenceFile::lastStep)
                .filter(step -> ReportedRun.isEarlier(step, recorded))
                .ifPresent(step -> older.add(line("the emergence, read up to step %,d", step)));
        ablated()
                .flatMap(AblationFile.Checkpoint::step)
                .filter(step -> ReportedRun.isEarlier(step, checkpoint))
                .ifPresent(step -> older.add(line("the ablation, of step %,d", step)));
        run.found(ProbeFiles.ATTENTION, ReportedRun::stepOf)
                .flatMap(step -> step)
                .filter(step -> ReportedRun.isEarlier(step, checkpoint))
                .ifPresent(step -> older.add(line("the attention, of step %,d", step)));
        if (older.isEmpty()) {
            return Optional.empty();
        }
        List<String> now = new ArrayList<>();
        checkpoint.ifPresent(step -> now.add(line("its last checkpoint is of step %,d", step)));
        recorded.ifPresent(step -> now.add(line("its recording ends at step %,d", step)));
        return Optional.of("Some results are older than the run (" + String.join(", ", now) + "): "
                + String.join("; ", older) + ".");
    }

    private List<String> sentences() throws IOException {
        List<String> sentences = new ArrayList<>();
        LossesAtSteps losses = LossesAtSteps.read(run.path());
        if (losses != null && !losses.validation().isEmpty()) {
            long step = losses.validation().keySet().stream().max(Long::compare).orElseThrow();
            double loss = losses.validation().get(step);
            sentences.add(line(
                    "At step %,d the validation loss was %.3f nats, a perplexity of %,.1f.",
                    step, loss, Math.exp(loss)));
        }
        outliers.ifPresent(found -> sentences.add(outliers(found)));
        emergence.ifPresent(found -> sentences.add(emerged(found)));
        ablation.flatMap(DamageCurve::of).ifPresent(curve -> sentences.add(damage(curve)));
        if (sentences.isEmpty()) {
            sentences.add("Nothing has been measured yet; the commands below do it.");
        }
        return sentences;
    }

    private static String outliers(OutlierFile found) {
        List<Integer> dimensions =
                found.dimensions().stream().map(OutlierFile.Outlier::dimension).toList();
        String at = found.step().map(step -> line(" at step %,d", step)).orElse("");
        return dimensions.isEmpty()
                ? "No dimension is an outlier by the rule" + at + "."
                : named(dimensions) + (dimensions.size() == 1 ? " is an outlier" : " are outliers") + " by the rule"
                        + at + ".";
    }

    private static String emerged(EmergenceFile found) {
        List<EmergedDimension> emerged = found.dimensions().stream()
                .filter(dimension -> dimension.emergenceStep() != null)
                .toList();
        if (emerged.isEmpty()) {
            return line("None satisfies the rule at step %,d, the last that was read.", found.lastStep());
        }
        Map<Long, List<Integer>> bySteps = new java.util.TreeMap<>();
        emerged.forEach(dimension -> bySteps.computeIfAbsent(dimension.emergenceStep(), step -> new ArrayList<>())
                .add(dimension.dimension()));
        return bySteps.entrySet().stream()
                .map(entry -> line(
                        "%s %s the rule from step %,d to step %,d, the last that was read.",
                        named(entry.getValue()),
                        entry.getValue().size() == 1 ? "satisfies" : "satisfy",
                        entry.getKey(),
                        found.lastStep()))
                .collect(Collectors.joining(" "));
    }

    private static String damage(DamageCurve curve) {
        Cost cost = curve.last().cost();
        if (curve.dimensions().isEmpty()) {
            return line(
                    "No dimension was switched off at the checkpoint of step %,d.",
                    curve.last().step());
        }
        String words = line(
                "Without %s the loss of the checkpoint of step %,d %s%s%s.",
                named(curve.dimensions()).toLowerCase(Locale.ROOT),
                curve.last().step(),
                change(cost.nats()),
                beside(cost),
                cost.catastrophic() ? ": the model breaks" : "");
        Onset.Crossing tenth = Onset.crossing(curve.points(), 0.1);
        return tenth == null || tenth.after() == null
                ? words
                : words
                        + line(
                                " The rise passes a tenth of that between the checkpoints of steps %,d and %,d, and stays above.",
                                tenth.after(), tenth.by());
    }

    private static String change(double nats) {
        return line(nats < 0 ? "falls by %.3f nats" : "rises by %.3f nats", Math.abs(nats));
    }

    /** The ratio to random dimensions, or their cost where there is none; nothing where none were drawn. */
    private static String beside(Cost cost) {
        if (Double.isNaN(cost.random())) {
            return "";
        }
        return Double.isNaN(cost.ratio())
                ? ", and without as many random dimensions it " + change(cost.random()) + " on average"
                : line(", %,.1f times what as many random dimensions cost", cost.ratio());
    }

    private static void outliers(Html page, OutlierFile found) {
        List<List<String>> rows = new ArrayList<>();
        for (OutlierFile.Outlier each : found.dimensions()) {
            rows.add(List.of(
                    Numbers.of(each.dimension()),
                    each.layers() + " of " + each.of(),
                    Numbers.of(each.weightZ()),
                    Numbers.of(each.biasZ())));
        }
        page.tableOrNone(
                "Outliers by the rule"
                        + found.step().map(step -> line(" at step %,d", step)).orElse(""),
                List.of("dimension", "layers", "weight z", "bias z"),
                rows);
        page.paragraph("By the rule: " + ProbeSections.rule(found.rule()) + ". z is the distance from the mean of the"
                + " vector in its standard deviations, here its mean over those layers.");
    }

    private static void onset(Html page, EmergenceFile found) {
        List<List<String>> rows = new ArrayList<>();
        for (EmergedDimension each : found.dimensions()) {
            Long step = each.emergenceStep();
            rows.add(List.of(Numbers.of(each.dimension()), step == null ? "never" : Numbers.step(step)));
        }
        page.tableOrNone(
                "Onset", List.of("dimension", line("outlier from this step to step %,d", found.lastStep())), rows);
    }

    /** What the last checkpoint that was measured loses, in nats, and how that compares with random dimensions. */
    private static void costs(Html page, AblationFile.Checkpoint last) {
        double whole = last.full(LOSS);
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("nothing", Numbers.loss(whole), Numbers.NONE, Numbers.NONE));
        for (AblationFile.Ablation each : last.ablations()) {
            Cost cost = last.cost(each);
            String dimensions = each.dimensions().stream().map(String::valueOf).collect(Collectors.joining(", "));
            rows.add(List.of(
                    NamedChoices.words(each.name()) + (dimensions.isEmpty() ? ": none" : ": " + dimensions),
                    Numbers.loss(each.score(LOSS)),
                    Numbers.loss(cost.nats()),
                    Double.isNaN(cost.ratio()) ? Numbers.NONE : line("%.1f", cost.ratio())));
        }
        for (AblationFile.Others each : last.baselines()) {
            rows.add(List.of(
                    each.others() + ", mean",
                    Numbers.loss(each.mean(LOSS)),
                    Numbers.loss(each.mean(LOSS) - whole),
                    Numbers.NONE));
        }
        page.table(
                "Cost at " + last.step().map(step -> line("step %,d", step)).orElse("the last checkpoint") + " (nats)",
                List.of("switched off", "loss", "rise", "times random"),
                rows);
    }

    private static String named(List<Integer> dimensions) {
        String numbers = dimensions.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return (dimensions.size() == 1 ? "Dimension " : "Dimensions ") + numbers;
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
