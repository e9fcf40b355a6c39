package norma.probes.attention;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import norma.probes.dimensions.DimensionChoice;
import norma.trainer.model.AttentionKind;

/** Attention for people: a row a layer, the mean over its heads, full against ablated against random. */
public final class AttentionText {
    /** What has to be known of a model with a clipped softmax. */
    static final String CLIPPED =
            "The model's softmax is clipped: p is what clipping leaves, so the shares need not sum"
                    + " to 1, and the entropy is not that of a distribution.";

    private AttentionText() {}

    /** The table. */
    public static String of(AttentionStudy study) {
        List<String> names = new ArrayList<>(List.of("full"));
        List<AttentionStatistics> variants = new ArrayList<>(List.of(study.full()));
        StringBuilder out = new StringBuilder();
        if (study.ablated() != null) {
            names.addAll(List.of("ablated", "random"));
            variants.addAll(List.of(study.ablated(), study.randomMean()));
            out.append("ablated: ")
                    .append(DimensionChoice.listed(study.contrast().ablated()))
                    .append("; random: mean of ")
                    .append(study.contrast().random().stream()
                            .map(DimensionChoice::listed)
                            .collect(Collectors.joining(" and ")))
                    .append('\n');
        }
        String first = study.severalKinds() ? "%-16s" : "%-8s";
        out.append(String.format(Locale.ROOT, first, "layer"));
        column(out, "entropy (nats)", names.size());
        for (TokenKind kind : TokenKind.values()) {
            column(out, "% on " + kind.words(), names.size());
        }
        out.append('\n').append(String.format(first, ""));
        for (int measure = 0; measure <= TokenKind.values().length; measure++) {
            names.forEach(name -> out.append(String.format(Locale.ROOT, "%8s", name)));
            out.append("  ");
        }
        out.append('\n');
        for (AttentionKind kind : study.full().kinds()) {
            String of = study.severalKinds() ? AttentionLayer.label(kind) + " " : "";
            for (int layer = 0; layer < study.full().layers().size(); layer++) {
                int at = layer;
                AttentionLayer place = study.full().places().get(layer);
                if (place.kind() == kind) {
                    row(
                            out,
                            String.format(first, of + place.layer()),
                            variants.stream()
                                    .map(variant -> variant.layerMean(at))
                                    .toList());
                }
            }
            row(
                    out,
                    String.format(first, of + "all"),
                    variants.stream().map(variant -> variant.mean(kind)).toList());
            row(
                    out,
                    String.format(first, of + "uniform"),
                    variants.stream().map(variant -> study.uniform().get(kind)).toList());
        }
        if (!study.sumsToOne()) {
            out.append(CLIPPED).append('\n');
        }
        return out.toString().stripTrailing();
    }

    private static void column(StringBuilder out, String title, int variants) {
        int width = 8 * variants;
        out.append(String.format(Locale.ROOT, "%" + Math.max(width, title.length()) + "s  ", title));
    }

    private static void row(StringBuilder out, String name, List<HeadStatistics> variants) {
        out.append(name);
        variants.forEach(one -> out.append(String.format(Locale.ROOT, "%8.3f", one.entropy())));
        out.append("  ");
        for (TokenKind kind : TokenKind.values()) {
            variants.forEach(one -> out.append(String.format(Locale.ROOT, "%8.1f", 100 * one.share(kind))));
            out.append("  ");
        }
        out.append('\n');
    }
}
