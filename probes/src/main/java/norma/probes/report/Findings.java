package norma.probes.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import norma.probes.ablation.AblationFile;
import norma.probes.ablation.AblationJson;
import norma.probes.ablation.NamedChoices;
import norma.probes.damage.Cost;
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
    private final Optional<AblationFile> ablation;

    Findings(ReportedRun run) {
        this.run = run;
        outliers = run.found(ProbeFiles.OUTLIERS, OutlierJson::read);
        emergence = run.found(ProbeFiles.EMERGENCE, EmergenceJson::read);
        ablation = run.found(ProbeFiles.ABLATION, AblationJson::read)
                .or(() -> run.found(ProbeFiles.ABLATION_LAST, AblationJson::read));
    }

    /** @param missing writes that a probe has not been run yet, with its command */
    void write(Html page, ProbeSections missing) throws IOException {
        page.heading("What was found");
        page.paragraph(String.join(" ", sentences()));
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
        Optional<AblationFile.Checkpoint> last =
                ablation.flatMap(file -> file.checkpoints().stream().reduce((earlier, later) -> later));
        if (last.isPresent()) {
            costs(page, last.get());
        } else {
            missing.noted(page, ProbeFiles.ABLATION, "No ablation yet:");
        }
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
        DamageCurve.read(run.path()).ifPresent(curve -> sentences.add(damage(curve)));
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
            return "None satisfies the rule to the end of the recording.";
        }
        Map<Long, List<Integer>> bySteps = new java.util.TreeMap<>();
        emerged.forEach(dimension -> bySteps.computeIfAbsent(dimension.emergenceStep(), step -> new ArrayList<>())
                .add(dimension.dimension()));
        return bySteps.entrySet().stream()
                .map(entry -> line(
                        "%s %s the rule from step %,d to the end.",
                        named(entry.getValue()),
                        entry.getValue().size() == 1 ? "satisfies" : "satisfy",
                        entry.getKey()))
                .collect(Collectors.joining(" "));
    }

    private static String damage(DamageCurve curve) {
        Cost cost = new Cost(curve.last().cost(), curve.last().random());
        if (curve.dimensions().isEmpty()) {
            return "No dimension was switched off at the last checkpoint.";
        }
        String times = Double.isNaN(cost.timesRandom())
                ? ""
                : line(", %,.1f times what as many random dimensions cost", cost.timesRandom());
        String words = line(
                "Without %s the loss of the last checkpoint rises by %.3f nats%s%s.",
                named(curve.dimensions()).toLowerCase(Locale.ROOT),
                cost.nats(),
                times,
                cost.catastrophic() ? ": the model breaks" : "");
        Onset.Crossing tenth = Onset.crossing(curve.points(), 0.1);
        return tenth == null || tenth.after() == null
                ? words
                : words
                        + line(
                                " A tenth of that cost is reached for good between the checkpoints of steps %,d and %,d.",
                                tenth.after(), tenth.by());
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
        page.tableOrNone("Outliers by the rule", List.of("dimension", "layers", "weight z", "bias z"), rows);
        page.paragraph("By the rule: " + ProbeSections.rule(found.rule()) + ". z is the distance from the mean of the"
                + " vector in its standard deviations, here its mean over those layers.");
    }

    private static void onset(Html page, EmergenceFile found) {
        List<List<String>> rows = new ArrayList<>();
        for (EmergedDimension each : found.dimensions()) {
            Long step = each.emergenceStep();
            rows.add(List.of(Numbers.of(each.dimension()), step == null ? "never" : Numbers.of(step)));
        }
        page.tableOrNone("Onset", List.of("dimension", "outlier from this step to the end"), rows);
    }

    /** What the last checkpoint that was measured loses, in nats, and how that compares with random dimensions. */
    private static void costs(Html page, AblationFile.Checkpoint last) {
        double whole = last.full(LOSS);
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("nothing", Numbers.loss(whole), Numbers.NONE, Numbers.NONE));
        for (AblationFile.Ablation each : last.ablations()) {
            double rise = each.score(LOSS) - whole;
            String dimensions = each.dimensions().stream().map(String::valueOf).collect(Collectors.joining(", "));
            rows.add(List.of(
                    NamedChoices.words(each.name()) + (dimensions.isEmpty() ? ": none" : ": " + dimensions),
                    Numbers.loss(each.score(LOSS)),
                    Numbers.loss(rise),
                    timesRandom(last, each.dimensions().size(), rise)));
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

    private static String timesRandom(AblationFile.Checkpoint last, int size, double rise) {
        return last.baselines().stream()
                .filter(others -> others.name().startsWith("random") && others.size() == size)
                .map(others -> new Cost(rise, others.mean(LOSS) - last.full(LOSS)).timesRandom())
                .filter(times -> !times.isNaN())
                .map(times -> line("%.1f", times))
                .findFirst()
                .orElse(Numbers.NONE);
    }

    private static String named(List<Integer> dimensions) {
        String numbers = dimensions.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return (dimensions.size() == 1 ? "Dimension " : "Dimensions ") + numbers;
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
