package norma.probes.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import norma.datasets.InvalidInputException;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureGrid;
import norma.trainer.figure.HeatMapChart;
import norma.trainer.figure.LineChart;
import norma.trainer.figure.TrajectoryFigure;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.LayerNormSite;
import norma.trainer.layernorm.VectorStatistics;

/** What a run recorded itself: the paper's figure 3, and the heat maps of its LayerNorms. */
final class TrainingSections {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int PANEL = 640;
    /** Beyond this many standard deviations the colour stays the same; the paper's threshold is 3. */
    private static final double FARTHEST_Z = 6;

    private final ReportedRun run;
    private final ReportFigures figures;
    private final String command;

    TrainingSections(ReportedRun run, ReportFigures figures, String command) {
        this.run = run;
        this.figures = figures;
        this.command = command;
    }

    void write(Html page) throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(run.path().resolve("layernorm.zarr"));
        if (recording.size() == 0) {
            throw new InvalidInputException(
                    run.path().resolve("layernorm.zarr") + ": holds no step yet, expected a recording with one");
        }
        page.heading("Training, as in figure 3 of Kovaleva et al. 2021");
        TrajectoryFigure trajectory = TrajectoryFigure.of(run.path());
        trajectory.writePng(run.probes().resolve("report-trajectory.png"));
        trajectory.writeSvg(run.probes().resolve("report-trajectory.svg"));
        figures.embed(
                page,
                "report-trajectory",
                "Loss in nats; weight and bias of the middle layer's output LayerNorm, a line a dimension, over steps.",
                command,
                "metrics.jsonl, layernorm.zarr");
        perplexity(page);
        new EmbeddingSection(run, figures, command).write(page, recording);
        page.heading("LayerNorm over sites and dimensions");
        heatMaps(page, recording);
    }

    private void perplexity(Html page) throws IOException {
        List<double[]> points = new ArrayList<>();
        Path file = run.path().resolve("metrics.jsonl");
        if (Files.exists(file)) {
            try (BufferedReader in = Files.newBufferedReader(file)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    JsonNode metrics = MAPPER.readTree(line);
                    JsonNode loss = metrics.at("/validation/mlm_loss");
                    if (loss.isNumber()) {
                        points.add(new double[] {metrics.path("step").asDouble(), Math.exp(loss.asDouble())});
                    }
                }
            }
        }
        if (points.isEmpty()) {
            page.paragraph("No perplexity: the run has not been evaluated.");
            return;
        }
        double[] steps = points.stream().mapToDouble(p -> p[0]).toArray();
        double[] values = points.stream().mapToDouble(p -> p[1]).toArray();
        Figure figure = LineChart.of("Validation perplexity", run.name(), "step", "perplexity", false)
                .line("perplexity: exp of the masked-LM loss on validation text", steps, values)
                .figure();
        figures.add(
                page,
                "report-perplexity",
                figure,
                "Perplexity of the masked tokens of the validation text over steps.",
                command,
                "metrics.jsonl");
    }

    private void heatMaps(Html page, LayerNormRecording recording) throws IOException {
        long last = recording.size() - 1;
        long[] rows = LongStream.of(0, last / 3, 2 * last / 3, last).distinct().toArray();
        List<LayerNormSite> sites = recording.sites();
        List<String> names = sites.stream().map(LayerNormSite::name).toList();
        List<Figure> panels = new ArrayList<>();
        for (long row : rows) {
            float[] snapshot = recording.snapshot(row);
            double[][] weight = new double[sites.size()][];
            double[][] bias = new double[sites.size()][];
            for (int s = 0; s < sites.size(); s++) {
                weight[s] = VectorStatistics.z(snapshot, recording.layout().weight(s), recording.hidden());
                bias[s] = VectorStatistics.z(snapshot, recording.layout().bias(s), recording.hidden());
            }
            panels.add(panel("z of weight at step " + recording.step(row), names, weight));
            panels.add(panel("z of bias at step " + recording.step(row), names, bias));
        }
        figures.add(
                page,
                "report-heatmaps",
                FigureGrid.of(
                        "How far each LayerNorm parameter lies from the others of its vector", run.name(), panels, 2),
                "z of weight (left) and bias (right) for each LayerNorm site and dimension, at chosen steps; z is the "
                        + "distance from the vector's mean in its standard deviations, and 0 where all values are"
                        + " equal.",
                command,
                "layernorm.zarr");
    }

    private static Figure panel(String title, List<String> sites, double[][] z) {
        return HeatMapChart.of(
                title,
                "",
                "dimension",
                List.of(),
                "",
                sites,
                z,
                "z (standard deviations; beyond ±6 as ±6)",
                HeatMapChart.Scale.DIVERGING,
                -FARTHEST_Z,
                FARTHEST_Z,
                PANEL);
    }
}
