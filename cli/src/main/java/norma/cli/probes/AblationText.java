package norma.cli.probes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import norma.probes.ablation.AblationResult;
import norma.probes.ablation.BaselineResult;
import norma.probes.ablation.CheckpointAblation;
import norma.probes.evaluation.Evaluation;
import norma.probes.evaluation.Scores;

/** Ablations as a table for people. */
final class AblationText {
    private static final int SHOWN = 10;
    private static final int NARROWEST = 22;

    private AblationText() {}

    static String of(List<CheckpointAblation> checkpoints, Evaluation evaluation) {
        StringBuilder text = new StringBuilder(evaluation.words()).append("\n\n");
        text.append(String.format(Locale.ROOT, "%10s  %-30s", "step", "switched off"));
        evaluation.summarized().forEach(score -> text.append(cell(score, score)));
        text.append(cell(evaluation.costLabel(), evaluation.costLabel()));
        Optional<String> others = checkpoints.stream()
                .flatMap(checkpoint -> checkpoint.baselines().stream())
                .map(BaselineResult::kind)
                .findFirst();
        others.ifPresent(kind -> text.append(String.format(Locale.ROOT, "%14s", "× " + kind)));
        for (CheckpointAblation checkpoint : checkpoints) {
            String step = checkpoint.step().isPresent()
                    ? String.format(Locale.ROOT, "%,d", checkpoint.step().getAsLong())
                    : "";
            line(text, step, "nothing", cells(checkpoint.full(), evaluation));
            for (AblationResult result : checkpoint.ablations()) {
                line(text, "", words(result), cells(result.scores(), evaluation));
                cost(text, checkpoint, result, evaluation);
            }
            for (BaselineResult baseline : checkpoint.baselines()) {
                line(
                        text,
                        "",
                        baseline.name() + " of " + baseline.size()
                                + (baseline.beside().isEmpty() ? "" : ", like " + baseline.beside()),
                        evaluation.summarized().stream()
                                .map(score -> cell(
                                        score,
                                        String.format(
                                                Locale.ROOT, "%.4f ± %.4f", baseline.mean(score), baseline.std(score))))
                                .toList());
                text.append(cost(evaluation, checkpoint.cost(baseline, evaluation)));
            }
        }
        if (checkpoints.stream().anyMatch(checkpoint -> lacksRatio(checkpoint, evaluation))) {
            text.append(String.format(
                    Locale.ROOT,
                    "%n%nNo ratio (-): the model gains without the dimensions, or the mean cost of the draws is less"
                            + " than 2 standard errors above 0."));
        }
        return text.toString();
    }

    private static boolean lacksRatio(CheckpointAblation checkpoint, Evaluation evaluation) {
        return checkpoint.ablations().stream().anyMatch(result -> checkpoint
                .beside(result)
                .map(baseline -> checkpoint.cost(result, baseline, evaluation).ratio())
                .filter(ratio -> ratio.isNaN())
                .isPresent());
    }

    /** What an ablation costs, and how many times what the draws beside it cost, if there is such a number. */
    private static void cost(
            StringBuilder text, CheckpointAblation checkpoint, AblationResult result, Evaluation evaluation) {
        if (result.dimensions().isEmpty()) {
            return;
        }
        text.append(cost(evaluation, checkpoint.cost(result, evaluation)));
        checkpoint.beside(result).ifPresent(baseline -> {
            double ratio = checkpoint.cost(result, baseline, evaluation).ratio();
            text.append(
                    Double.isNaN(ratio)
                            ? String.format(Locale.ROOT, "%14s", "-")
                            : String.format(Locale.ROOT, "%14.1f", ratio));
        });
    }

    /** The dimensions that cost most. */
    static String scan(CheckpointAblation scanned, Evaluation evaluation) {
        StringBuilder text = new StringBuilder(evaluation.words()).append("\n\n");
        text.append(String.format(Locale.ROOT, "%10s  %-30s", "", "switched off"));
        evaluation.summarized().forEach(score -> text.append(cell(score, score)));
        line(text, "", "nothing", cells(scanned.full(), evaluation));
        double full = scanned.full().get(evaluation.headline());
        scanned.ablations().stream()
                .sorted(Comparator.comparingDouble(
                        result -> -Math.abs(result.scores().get(evaluation.headline()) - full)))
                .limit(SHOWN)
                .forEach(result -> line(text, "", words(result), cells(result.scores(), evaluation)));
        text.append(String.format(
                Locale.ROOT,
                "%n%12sthe %d of %d single dimensions that change %s most",
                "",
                Math.min(SHOWN, scanned.ablations().size()),
                scanned.ablations().size(),
                evaluation.headline()));
        return text.toString();
    }

    private static String words(AblationResult result) {
        if (result.dimensions().isEmpty()) {
            return result.name() + ": no dimension";
        }
        String list = String.join(
                ",", result.dimensions().stream().map(String::valueOf).toList());
        String shown = list.length() > 20 ? list.substring(0, 19) + "…" : list;
        return result.name().equals(list) || result.name().equals("single") ? shown : result.name() + ": " + shown;
    }

    private static List<String> cells(Scores scores, Evaluation evaluation) {
        List<String> cells = new ArrayList<>();
        for (String score : evaluation.summarized()) {
            cells.add(cell(score, String.format(Locale.ROOT, "%.4f", scores.get(score))));
        }
        return cells;
    }

    private static void line(StringBuilder text, String step, String what, List<String> cells) {
        text.append(String.format(Locale.ROOT, "%n%10s  %-30s", step, what));
        cells.forEach(text::append);
    }

    private static String cost(Evaluation evaluation, double cost) {
        return cell(evaluation.costLabel(), String.format(Locale.ROOT, "%.4f", cost));
    }

    /** In a column that is wide enough for the score's name, which of a task with two sets begins with the set's. */
    private static String cell(String score, String content) {
        int width = Math.max(NARROWEST, score.length() + 2);
        return " ".repeat(Math.max(2, width - content.length())) + content;
    }
}
