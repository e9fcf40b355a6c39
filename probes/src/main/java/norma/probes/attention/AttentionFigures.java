package norma.probes.attention;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import norma.probes.files.ProbeFiles;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureWidth;
import norma.trainer.figure.HeatMapChart;
import norma.trainer.figure.HeatMapChart.Scale;
import norma.trainer.figure.Panel;

/** Heat maps layer × head: full, ablated, and the differences that the ablation and random ones make. */
public final class AttentionFigures {
    private AttentionFigures() {}

    /**
     * Writes {@code NAME-entropy}, {@code NAME-cls}, {@code NAME-sep} and {@code NAME-punctuation}, each as PNG, SVG
     * and PDF.
     *
     * @param name of the result beside which they lie
     * @param source what the attention was measured on, for the second line
     * @param width of the figures on paper
     */
    public static void write(Path folder, String name, AttentionStudy study, String source, FigureWidth width)
            throws IOException {
        double highest = study.full().layers().stream()
                .flatMap(List::stream)
                .mapToDouble(HeadStatistics::entropy)
                .max()
                .orElse(1);
        figure(
                        study,
                        "Entropy of attention",
                        source,
                        "nats",
                        study.uniform().values().stream()
                                .mapToDouble(HeadStatistics::entropy)
                                .reduce(highest, Math::max),
                        HeadStatistics::entropy)
                .write(folder, ProbeFiles.entropyOf(name), width);
        for (TokenKind kind : List.of(TokenKind.CLS, TokenKind.SEP, TokenKind.PUNCTUATION)) {
            figure(study, "Share of attention on " + kind.words(), source, "share", 1, head -> head.share(kind))
                    .write(folder, ProbeFiles.shareOf(name, kind.key()), width);
        }
    }

    private static Figure figure(
            AttentionStudy study,
            String title,
            String source,
            String unit,
            double high,
            ToDoubleFunction<HeadStatistics> measure) {
        double[][] full = matrix(study.full(), measure);
        List<Panel> panels = new ArrayList<>();
        panels.add(panel(rows(study), "Whole model", full, unit, Scale.SEQUENTIAL, 0, high));
        String heading = title + " by layer and head";
        String subtitle = "Mean over queries; " + source;
        if (study.ablated() == null) {
            return new Figure(heading, subtitle, panels, 1);
        }
        double[][] ablated = matrix(study.ablated(), measure);
        double[][] ablationEffect = difference(ablated, full);
        double[][] randomEffect = difference(matrix(study.randomMean(), measure), full);
        double most = Stream.of(ablationEffect, randomEffect)
                .flatMap(Arrays::stream)
                .flatMapToDouble(DoubleStream::of)
                .filter(value -> !Double.isNaN(value))
                .map(Math::abs)
                .max()
                .orElse(0);
        double far = Math.max(most, 1e-9); // a scale needs some width
        String off = numbers(study.contrast().ablated());
        int draws = study.random().size();
        int size = study.contrast().ablated().size();
        panels.add(panel(rows(study), "Without " + off, ablated, unit, Scale.SEQUENTIAL, 0, high));
        panels.add(panel(rows(study), "Change without " + off, ablationEffect, unit, Scale.DIVERGING, -far, far));
        String others = "Change without " + size + " random (" + draws + (draws == 1 ? " draw)" : " draws, mean)");
        panels.add(panel(rows(study), others, randomEffect, unit, Scale.DIVERGING, -far, far));
        return new Figure(heading, subtitle, panels, 2);
    }

    private static String numbers(List<Integer> dimensions) {
        List<String> first = dimensions.stream().limit(6).map(String::valueOf).toList();
        return String.join(", ", first) + (dimensions.size() > 6 ? " … (" + dimensions.size() + ")" : "");
    }

    /** The layers' numbers, after the kind of attention where there are several. */
    private static List<String> rows(AttentionStudy study) {
        return study.full().places().stream()
                .map(place -> study.severalKinds()
                        ? AttentionLayer.label(place.kind()) + " " + place.layer()
                        : String.valueOf(place.layer()))
                .toList();
    }

    private static Panel panel(
            List<String> rows, String heading, double[][] values, String unit, Scale scale, double low, double high) {
        return HeatMapChart.of(
                heading, "head", numbered(values[0].length), "layer", rows, values, unit, scale, low, high);
    }

    private static List<String> numbered(int n) {
        return IntStream.range(0, n).mapToObj(String::valueOf).toList();
    }

    private static double[][] matrix(AttentionStatistics attention, ToDoubleFunction<HeadStatistics> measure) {
        int most = attention.layers().stream().mapToInt(List::size).max().orElse(0);
        return attention.layers().stream()
                .map(layer -> IntStream.range(0, most)
                        .mapToDouble(head -> head < layer.size() ? measure.applyAsDouble(layer.get(head)) : Double.NaN)
                        .toArray())
                .toArray(double[][]::new);
    }

    private static double[][] difference(double[][] a, double[][] b) {
        double[][] difference = new double[a.length][];
        for (int row = 0; row < a.length; row++) {
            int r = row;
            difference[row] = IntStream.range(0, a[row].length)
                    .mapToDouble(column -> a[r][column] - b[r][column])
                    .toArray();
        }
        return difference;
    }
}
