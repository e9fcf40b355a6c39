package norma.probes.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.figure.HeatMapChart;
import norma.trainer.figure.Panel;
import norma.trainer.figure.TrajectoryFigure;
import norma.trainer.pretrained.PretrainedFolder;
import norma.trainer.run.RunFiles;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;

/**
 * The fourth panel of the paper's figure 3: embeddings of some tokens, from the newest whole checkpoint.
 *
 * @param panel the panel; empty if it cannot be drawn
 * @param words what it shows, or why there is none
 * @param data the file behind it, below the run's folder; not used without a panel
 */
record EmbeddingPanel(Optional<Panel> panel, String words, String data) {
    private static final int WORDS = 16;
    /** The colours end where 0.5 % of the values lie farther out, or one value would bleach all others. */
    private static final double WITHIN = 0.995;

    /**
     * Draws it.
     *
     * @param trajectory the other panels, whose coloured dimensions are marked where they are those of the embeddings
     * @param warning told of each damaged checkpoint that is skipped
     */
    static EmbeddingPanel of(Path run, TrajectoryFigure trajectory, Consumer<String> warning) throws IOException {
        Checkpoints checkpoints = new Checkpoints(new RunFiles(run).checkpoints());
        if (checkpoints.all().isEmpty()) {
            return without("the run has no checkpoint yet");
        }
        Optional<Checkpoint> newest = checkpoints.newestWhole(warning);
        if (newest.isEmpty()) {
            return without("every checkpoint of the run is damaged");
        }
        Checkpoint last = newest.get();
        try (SafetensorsFile file = SafetensorsFile.open(last.files().weights());
                Tokenizer tokenizer = Tokenizer.load(last.files().tokenizer())) {
            String tensor = PretrainedFolder.architecture(last.folder()).names().wordEmbeddings();
            if (!file.contains(tensor)) {
                return without("the last checkpoint has no tensor " + tensor);
            }
            List<Integer> ids = words(tokenizer);
            if (ids.isEmpty()) {
                return without("the vocabulary has no beginning of a word with three letters or more");
            }
            double[][] values = values(file.read(tensor), ids);
            double reach = reach(values);
            if (!(reach > 0)) {
                return without("all of them are zero");
            }
            return new EmbeddingPanel(
                    Optional.of(panel(
                            last.step(), ids.stream().map(tokenizer::token).toList(), values, reach, trajectory)),
                    "(d) word embeddings of the first " + ids.size() + " tokens of the vocabulary that begin a word and"
                            + " have three letters or more, at step " + Numbers.step(last.step()),
                    run.relativize(last.files().weights()) + " (" + tensor + ")");
        }
    }

    private static EmbeddingPanel without(String reason) {
        return new EmbeddingPanel(Optional.empty(), "No token embeddings: " + reason + ".", "");
    }

    /** Trained vocabularies begin with what was merged first, which is frequent. */
    private static List<Integer> words(Tokenizer tokenizer) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < tokenizer.vocabularySize() && ids.size() < WORDS; id++) {
            if (!tokenizer.isSpecial(id)
                    && !tokenizer.continuesWord(id)
                    && tokenizer.token(id).matches("\\p{L}{3,}")) {
                ids.add(id);
            }
        }
        return ids;
    }

    private static double[][] values(HostTensor embeddings, List<Integer> ids) {
        int hidden = Math.toIntExact(embeddings.shape()[1]);
        double[][] rows = new double[ids.size()][hidden];
        for (int i = 0; i < rows.length; i++) {
            for (int d = 0; d < hidden; d++) {
                rows[i][d] = embeddings.values()[ids.get(i) * hidden + d];
            }
        }
        return rows;
    }

    private static double reach(double[][] values) {
        double[] sizes = Arrays.stream(values)
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .sorted()
                .toArray();
        return sizes[(int) ((sizes.length - 1) * WITHIN)];
    }

    private static Panel panel(
            long step, List<String> words, double[][] values, double reach, TrajectoryFigure trajectory) {
        Panel panel = HeatMapChart.of(
                String.format(Locale.ROOT, "(d) Token embeddings at step %,d", step),
                "dimension",
                List.of(),
                "",
                words,
                values,
                "embedding value",
                HeatMapChart.Scale.DIVERGING,
                -reach,
                reach);
        List<Integer> marked = trajectory.highlighted();
        if (marked.isEmpty() || values[0].length != trajectory.dimensions()) {
            return panel;
        }
        return panel.markColumns(marked, trajectory.highlightsOutliers() ? "outliers" : "coloured in (b) and (c)");
    }
}
