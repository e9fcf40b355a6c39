package norma.probes.profile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import norma.datasets.base.Counted;
import norma.probes.ablation.Cost;
import norma.probes.attention.TokenKind;
import norma.probes.profile.DimensionProfiles.Respect;

/** Profiles as a table for people: the dimensions that lead in shape, activation or cost, the costliest first. */
public final class ProfileText {
    private static final int LEADERS = 3;

    private ProfileText() {}

    /**
     * The table and a sentence that says whether one dimension leads in all three.
     *
     * @param costLabel what cost is, see {@link norma.probes.evaluation.Evaluation#costLabel}
     */
    public static String of(DimensionProfiles profiles, String costLabel) {
        List<String> lines = new ArrayList<>();
        lines.add(line(
                "The %d that lead in shape, activation or cost, with their rank among %s:",
                LEADERS, Counted.of(profiles.all().size(), "dimension")));
        lines.add(line(
                "%10s%10s%10s%9s%16s%18s%9s%9s%12s%10s%22s%10s",
                "dimension",
                "z weight",
                "z bias",
                "layers",
                "mean |z|",
                "largest |x|",
                "[SEP]",
                "words",
                "of norm",
                "kurtosis",
                costLabel,
                "× others"));
        for (DimensionProfile profile : profiles.ranked(Respect.COST)) {
            if (leaders(profiles).contains(profile.dimension())) {
                lines.add(row(profiles, profile));
            }
        }
        lines.add(
                "Over the layers the largest: z, |x|, share of the squared norm, part of a token's kurtosis; [SEP] and words:"
                        + " the mean |x| of these tokens where |x| is largest. Layers: both beyond 3 standard deviations.");
        lines.add(sentence(profiles));
        return String.join(System.lineSeparator(), lines);
    }

    private static String row(DimensionProfiles profiles, DimensionProfile profile) {
        double ratio = new Cost(profile.cost(), profiles.meanCostOfOthers(profile), 0).ratio(); // of all others
        return line(
                "%10d%10.1f%10.1f%9s%16s%18s%9s%9s%12s%10.2f%22s%10s",
                profile.dimension(),
                profile.shape().weightZ(),
                profile.shape().biasZ(),
                profile.shape().layersBeyond() + " of " + profiles.layers(),
                ranked(profiles, Respect.SHAPE, profile, "%.1f"),
                ranked(profiles, Respect.ACTIVATION, profile, "%.1f"),
                mean(profile, TokenKind.SEP),
                mean(profile, TokenKind.OTHER),
                line("%.1f %%", 100 * profile.activation().normShare()),
                profile.activation().kurtosis(),
                ranked(profiles, Respect.COST, profile, "%.4f"),
                Double.isNaN(ratio) ? "-" : line("%.1f", ratio));
    }

    private static String mean(DimensionProfile profile, TokenKind kind) {
        Double mean = profile.byKind().get(kind);
        return mean == null ? "-" : line("%.2f", mean);
    }

    private static String ranked(DimensionProfiles profiles, Respect respect, DimensionProfile profile, String format) {
        return line(format + " (%d)", respect.of(profile), profiles.rank(respect, profile));
    }

    private static Set<Integer> leaders(DimensionProfiles profiles) {
        Set<Integer> leaders = new TreeSet<>();
        for (Respect respect : Respect.values()) {
            profiles.ranked(respect).stream().limit(LEADERS).forEach(profile -> leaders.add(profile.dimension()));
        }
        return leaders;
    }

    private static String sentence(DimensionProfiles profiles) {
        Map<Integer, List<String>> led = new LinkedHashMap<>();
        for (Respect respect : Respect.values()) {
            DimensionProfile first = profiles.ranked(respect).get(0);
            led.computeIfAbsent(first.dimension(), any -> new ArrayList<>()).add(respect.label());
        }
        if (led.size() == 1) {
            return "Dimension " + led.keySet().iterator().next() + " leads in shape, activation and cost.";
        }
        return led.entrySet().stream()
                .map(entry -> entry.getKey() + " in " + String.join(" and ", entry.getValue()))
                .collect(Collectors.joining(", ", "Not one dimension leads but several: ", "."));
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
