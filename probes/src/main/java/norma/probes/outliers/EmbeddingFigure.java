package norma.probes.outliers;

import java.util.List;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureGrid;
import norma.trainer.figure.HistogramChart;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Where outliers lie in the embeddings: a value for each dimension, of word, position and token-type embeddings (the
 * mean over the rows of each table) and of the weight and bias of their LayerNorm (after figure 4 of Kovaleva et al.
 * 2021, arXiv 2105.06990).
 */
public final class EmbeddingFigure {
    private static final String PREFIX = "bert.embeddings.";
    private static final int COLUMNS = 3;

    private EmbeddingFigure() {}

    /**
     * Draws it.
     *
     * @param marked dimensions that are marked
     */
    public static Figure of(PretrainedModel bert, List<Integer> marked) {
        int hidden = bert.config().hiddenSize();
        List<Figure> panels = List.of(
                panel("word embeddings", "mean over tokens", table(bert, "word", hidden), marked),
                panel("position embeddings", "mean over positions", table(bert, "position", hidden), marked),
                panel("token type embeddings", "mean over types", table(bert, "token_type", hidden), marked),
                panel("embedding LayerNorm: weight", "weight", vector(bert, "LayerNorm.weight"), marked),
                panel("embedding LayerNorm: bias", "bias", vector(bert, "LayerNorm.bias"), marked));
        return FigureGrid.of(
                "Where the outliers lie in the embeddings",
                bert.folder() + ": a value for each of " + hidden + " dimensions",
                panels,
                COLUMNS,
                marked.stream().map(d -> "dimension " + d).toList());
    }

    private static Figure panel(String title, String axis, double[] values, List<Integer> marked) {
        return HistogramChart.of(
                title, axis, values, marked.stream().map(d -> values[d]).toList());
    }

    private static double[] table(PretrainedModel bert, String name, int hidden) {
        return columnMeans(bert.parameter(PREFIX + name + "_embeddings.weight"), hidden);
    }

    private static double[] vector(PretrainedModel bert, String name) {
        float[] values = bert.parameter(PREFIX + name);
        return columnMeans(values, values.length);
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
