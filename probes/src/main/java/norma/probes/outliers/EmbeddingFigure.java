package norma.probes.outliers;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import norma.trainer.figure.Figure;
import norma.trainer.figure.HistogramChart;
import norma.trainer.figure.Panel;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;
import norma.trainer.model.TensorNames.EmbeddingTable;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Where outliers lie in the embeddings: a value for each dimension, of word, position and token-type embeddings (the
 * mean over the rows of each table) and of the weight and bias of their LayerNorm (after figure 4 of Kovaleva et al.
 * 2021, arXiv 2105.06990).
 */
public final class EmbeddingFigure {
    private static final int COLUMNS = 3;

    private static final Set<LayerNormSite.Kind> EMBEDDINGS =
            EnumSet.of(LayerNormSite.Kind.EMBEDDINGS, LayerNormSite.Kind.PROJECTED_EMBEDDINGS);

    private EmbeddingFigure() {}

    /**
     * Draws it.
     *
     * @param marked dimensions of the hidden states that are marked, where the embeddings have the same
     */
    public static Figure of(PretrainedModel bert, List<Integer> marked) {
        int width = Math.toIntExact(bert.shape(bert.names().wordEmbeddings())[1]);
        boolean same = width == bert.config().hiddenSize();
        return of(bert, width, same ? marked : List.of());
    }

    private static Figure of(PretrainedModel bert, int width, List<Integer> marked) {
        List<Panel> panels = new ArrayList<>();
        for (EmbeddingTable table : bert.names().embeddings()) {
            double[] means = columnMeans(bert.parameter(table.tensor()), width);
            panels.add(panel(table.title(), "mean over " + table.rows(), means, marked));
        }
        List<LayerNormSite> norms = bert.layerNormSites().stream()
                .filter(site -> EMBEDDINGS.contains(site.kind()))
                .toList();
        for (LayerNormSite site : norms) {
            String of = norms.size() > 1 ? site.stack().name().toLowerCase(Locale.ROOT) + " " : "";
            add(panels, bert, of, "weight", site.weight(), marked);
            add(panels, bert, of, "bias", site.bias(), marked);
        }
        String lines = marked.isEmpty() ? "" : "; vertical lines: " + dimensions(marked);
        return new Figure(
                "Where the outliers lie in the embeddings",
                bert.folder() + ", a value for each of " + width + " dimensions" + lines,
                panels,
                COLUMNS);
    }

    private static String dimensions(List<Integer> marked) {
        return (marked.size() == 1 ? "dimension " : "dimensions ")
                + marked.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static void add(
            List<Panel> panels, PretrainedModel bert, String of, String part, Slice slice, List<Integer> marked) {
        if (slice != null) {
            float[] values = bert.parameter(slice.parameter());
            panels.add(panel(of + "embedding LayerNorm: " + part, part, columnMeans(values, values.length), marked));
        }
    }

    private static Panel panel(String title, String axis, double[] values, List<Integer> marked) {
        Map<String, Double> marks = new LinkedHashMap<>();
        marked.forEach(d -> marks.put(Integer.toString(d), values[d]));
        String heading = title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1);
        return HistogramChart.of(heading, axis, values, marks);
    }

    /** Mean of each column of a row-major table. */
    static double[] columnMeans(float[] values, int columns) {
        double[] means = new double[columns];
        int rows = values.length / columns;
        for (int i = 0; i < values.length; i++) {
            means[i % columns] += (double) values[i] / rows;
        }
        return means;
    }
}
