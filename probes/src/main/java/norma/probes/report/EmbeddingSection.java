package norma.probes.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.figure.HeatMapChart;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;

/** The fourth panel of the paper's figure 3: embeddings of some tokens, from the last checkpoint. */
final class EmbeddingSection {
    private static final String TENSOR = "bert.embeddings.word_embeddings.weight";
    private static final int WORDS = 40;
    private static final int WIDTH = 1200;
    /** The colours end where 0.5 % of the values lie farther out, or one value would bleach all others. */
    private static final double WITHIN = 0.995;

    private final ReportedRun run;
    private final ReportFigures figures;
    private final String command;

    EmbeddingSection(ReportedRun run, ReportFigures figures, String command) {
        this.run = run;
        this.figures = figures;
        this.command = command;
    }

    void write(Html page, LayerNormRecording recording) throws IOException {
        List<Checkpoint> checkpoints = new Checkpoints(run.path().resolve("checkpoints")).all();
        if (checkpoints.isEmpty()) {
            page.paragraph("No token embeddings: the run has no checkpoint yet.");
            return;
        }
        Checkpoint last = checkpoints.get(checkpoints.size() - 1);
        try (SafetensorsFile file = SafetensorsFile.open(last.folder().resolve("model.safetensors"));
                Tokenizer tokenizer = Tokenizer.load(last.folder().resolve("tokenizer.json"))) {
            if (!file.contains(TENSOR)) {
                page.paragraph("No token embeddings: the last checkpoint has no tensor " + TENSOR + ".");
                return;
            }
            List<Integer> ids = words(tokenizer);
            if (ids.isEmpty()) {
                page.paragraph(
                        "No token embeddings: the vocabulary has no beginning of a word with three letters or more.");
                return;
            }
            draw(
                    page,
                    last,
                    values(file.read(TENSOR), ids),
                    ids.stream().map(tokenizer::token).toList(),
                    recording);
        }
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

    private void draw(Html page, Checkpoint last, double[][] values, List<String> words, LayerNormRecording recording)
            throws IOException {
        double[] sizes = Arrays.stream(values)
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .sorted()
                .toArray();
        double reach = sizes[(int) ((sizes.length - 1) * WITHIN)];
        if (!(reach > 0)) {
            page.paragraph("No token embeddings: all of them are zero.");
            return;
        }
        long row = recording.row(last.step());
        List<Integer> outliers = row < 0
                ? List.of()
                : OutlierRule.PAPER.apply(recording.snapshot(row), recording.sites(), recording.hidden()).stream()
                        .map(OutlierDimension::dimension)
                        .toList();
        String marked = outliers.isEmpty()
                ? "no dimension is an outlier by the paper's rule at this step"
                : "outlier dimensions by the paper's rule marked: " + outliers;
        figures.add(
                page,
                "report-embeddings",
                HeatMapChart.of(
                                "Token embeddings at step " + last.step(),
                                marked,
                                "dimension",
                                List.of(),
                                "token",
                                words,
                                values,
                                "embedding value",
                                HeatMapChart.Scale.DIVERGING,
                                -reach,
                                reach,
                                WIDTH)
                        .markColumns(outliers),
                "Word embeddings of the first " + words.size()
                        + " tokens of the vocabulary that begin a word and have three letters or more; " + marked + ".",
                command,
                run.path().relativize(last.folder()) + "/model.safetensors (" + TENSOR + "), layernorm.zarr");
    }
}
