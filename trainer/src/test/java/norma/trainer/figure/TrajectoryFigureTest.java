package norma.trainer.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import norma.datasets.base.InvalidInputException;
import norma.datasets.random.CounterHash;
import norma.trainer.figure.ThinnedSeries.Point;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

@Tag("unit")
class TrajectoryFigureTest {
    private static final int HIDDEN = 64;
    private static final int VERMILION = 0xd55e00;
    private static final List<LayerNormSite> SITES = List.of(
            TestSites.bert("embeddings", HIDDEN),
            TestSites.bert("layer.0.output", HIDDEN),
            TestSites.bert("layer.1.output", HIDDEN),
            TestSites.bert("layer.2.output", HIDDEN));

    @TempDir
    Path run;

    @Test
    void anOutlier_isNamedAndDrawnInColour() throws Exception {
        write(0, 300, 21);
        TrajectoryFigure figure = TrajectoryFigure.of(run);
        String svg = svgText(figure);
        assertThat(svg).contains("dimension 21: outlier, z").contains("63 other dimensions");
        assertThat(svg).contains("step", "training loss", "validation loss");
        assertThat(svg)
                .contains(
                        "layer.1.output: the LayerNorm that ends layer 1, the middle one of layers 0 to 2; a line for each")
                .contains(run.getFileName().toString());
        assertThat(svg).doesNotContain("not an outlier");
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(figure.png()));
        assertThat(image.getWidth()).isEqualTo(1354); // 174 mm at 197.6 pixels to the inch
        assertThat(pixels(image, VERMILION)).isGreaterThan(300);
    }

    @Test
    void withoutAnOutlier_theFarthestDimensionIsShownAndCalledNoOutlier() throws Exception {
        write(0, 120, -1);
        String svg = svgText(TrajectoryFigure.of(run));
        assertThat(svg).contains("not an outlier, z").doesNotContain(": outlier,");
    }

    @Test
    void inPanels_theFourthIsTheGivenOne_andThePerplexityIsExpOfTheLoss() throws Exception {
        write(0, 300, 21);
        TrajectoryFigure figure = TrajectoryFigure.of(run);
        assertThat(figure.highlighted()).containsExactly(21);
        assertThat(figure.highlightsOutliers()).isTrue();
        assertThat(figure.wasEvaluated()).isTrue();
        Panel fourth = HeatMapChart.of(
                        "(d) a heat map",
                        "dimension",
                        List.of(),
                        "",
                        List.of("one", "two"),
                        new double[2][HIDDEN],
                        "value",
                        HeatMapChart.Scale.DIVERGING,
                        -6,
                        6)
                .markColumns(figure.highlighted(), "outliers");
        Figure four = figure.inPanels(Optional.of(fourth));
        assertThat(texts(four.svg(FigureWidth.TWO_COLUMNS)))
                .contains("(a) Loss and perplexity", "(b) LayerNorm weights", "(c) LayerNorm biases", "(d) a heat map")
                .contains("outliers", "21")
                .contains("500", "1,000", "2,000", "5,000") // the losses go from 9.0 to 5.7: 8,100 to 300
                .doesNotContain("20,000");
        assertThat(pixels(ImageIO.read(new ByteArrayInputStream(four.png(FigureWidth.TWO_COLUMNS))), VERMILION))
                .isGreaterThan(300);
        assertThat(texts(figure.inPanels(Optional.empty()).svg(FigureWidth.TWO_COLUMNS)))
                .contains("(c) LayerNorm biases");
    }

    @Test
    void aRunThatWasNeverEvaluated_hasNoPerplexity() throws Exception {
        write(0, 40, 21);
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":0,\"loss\":9.0}\n{\"step\":39,\"loss\":7.0}\n");
        TrajectoryFigure figure = TrajectoryFigure.of(run);
        assertThat(figure.wasEvaluated()).isFalse();
        assertThat(texts(figure.inPanels(Optional.empty()).svg(FigureWidth.TWO_COLUMNS)))
                .contains("(a) Loss")
                .doesNotContain("(a) Loss and perplexity", "validation loss");
    }

    @Test
    void atStep0_whereAllDimensionsAreEqual_nothingIsHighlighted() throws Exception {
        write(0, 1, 21);
        TrajectoryFigure figure = TrajectoryFigure.of(run);
        assertThat(svgText(figure)).contains("64 dimensions").doesNotContain("dimension 21");
        assertThat(figure.png()).isNotEmpty();
    }

    @Test
    void aLostChunk_isAGapInItsLines_wherePointsOfOtherChunksStay() throws Exception {
        write(0, 250, 21);
        Path chunk = run.resolve("layernorm.zarr/bias/2.0.0"); // steps 100 to 149
        byte[] bytes = Files.readAllBytes(chunk);
        int whole = pixels(image(), VERMILION);
        Files.delete(chunk);
        TrajectoryFigure figure = TrajectoryFigure.of(run);
        assertThat(figure.highlighted()).containsExactly(21);
        int gapped = pixels(image(), VERMILION);
        assertThat(gapped).isBetween(whole / 2, whole - 30);
        Files.write(chunk, bytes);
        assertThat(pixels(image(), VERMILION)).isEqualTo(whole);
    }

    @Test
    void withTheLastChunkLost_theLastStepThatIsThereDecidesWhatIsHighlighted() throws Exception {
        write(0, 230, 21);
        Files.delete(run.resolve("layernorm.zarr/weight/4.0.0")); // steps 200 to 229
        TrajectoryFigure figure = TrajectoryFigure.of(run);
        assertThat(figure.highlighted()).containsExactly(21);
        LayerNormRecording recording = LayerNormRecording.open(run.resolve("layernorm.zarr"));
        assertThat(recording.lastRow()).isEqualTo(199);
        assertThat(recording.gaps()).containsExactly(new LayerNormRecording.Gap(200, 229));
        assertThat(figure.png()).isNotEmpty();
    }

    private BufferedImage image() throws IOException {
        return ImageIO.read(new ByteArrayInputStream(TrajectoryFigure.of(run).png()));
    }

    @Test
    void readingInParts_givesTheSamePictureAsReadingAtOnce() throws IOException {
        write(0, 700, 21);
        TrajectoryFigure inParts = TrajectoryFigure.of(run);
        write(700, 1500, 21);
        inParts.refresh();
        write(1500, 2600, 21);
        inParts.refresh();
        TrajectoryFigure atOnce = TrajectoryFigure.of(run);
        assertThat(inParts.png()).isEqualTo(atOnce.png());
        assertThat(atOnce.png()).isEqualTo(atOnce.png());
    }

    @Test
    void aLineOfMetricsThatIsBeingWritten_isLeftForTheNextTime() throws Exception {
        write(0, 50, 21);
        Path metrics = run.resolve("metrics.jsonl");
        Files.writeString(metrics, "{\"step\":50,\"lo", StandardOpenOption.APPEND);
        LossCurve losses = new LossCurve(metrics);
        losses.update();
        assertThat(losses.training().points()).hasSize(50);
        Files.writeString(metrics, "ss\":7.5}\n", StandardOpenOption.APPEND);
        losses.update();
        List<Point<Double>> points = losses.training().points();
        assertThat(points).hasSize(51);
        assertThat(points.get(50)).isEqualTo(new Point<>(50, 50, 7.5));
        Files.writeString(metrics, "no JSON\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> losses.update())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(metrics + ": line 52: not JSON");
    }

    @Test
    void thinning_keepsEvenlySpacedPointsOfALongRun() {
        ThinnedSeries<Long> series = new ThinnedSeries<>();
        for (long number = 0; number <= 250_000; number++) {
            if (series.wants(number)) {
                series.add(number, number, number);
            }
        }
        List<Long> kept = series.points().stream().map(Point::number).toList();
        assertThat(kept.size()).isBetween(512, 1024);
        long stride = kept.get(1);
        assertThat(kept)
                .isEqualTo(LongStream.range(0, kept.size())
                        .mapToObj(i -> i * stride)
                        .toList());
        assertThat(kept.get(kept.size() - 1)).isGreaterThan(250_000 - stride);
    }

    /** An encoder as wide as no decoder; the last stack's layers have no bias. */
    @Test
    void ofTwoStacks_theMiddleLayerIsTheLastOnes_andAMissingVectorHasNoPanel() throws Exception {
        SnapshotLayout layout = new SnapshotLayout(List.of(
                TestSites.output(Stack.ENCODER, 0, HIDDEN, true, true),
                TestSites.output(Stack.ENCODER, 1, HIDDEN, true, true),
                TestSites.output(Stack.ENCODER, 2, HIDDEN, true, true),
                TestSites.output(Stack.DECODER, 0, 20, true, false),
                TestSites.output(Stack.DECODER, 1, 20, true, false)));
        try (LayerNormRecorder recorder = LayerNormRecorder.open(run.resolve("layernorm.zarr"), layout, 1, true)) {
            for (int step = 0; step < 30; step++) {
                float[] snapshot = new float[layout.length()];
                snapshot[layout.weight(4) + 7] = 1; // z = sqrt(19)
                recorder.record(step, snapshot);
            }
        }
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":0,\"loss\":9.0}\n{\"step\":29,\"loss\":7.0}\n");
        TrajectoryFigure figure = TrajectoryFigure.of(run);
        assertThat(figure.highlighted()).containsExactly(7);
        assertThat(texts(figure.inPanels(Optional.empty()).svg(FigureWidth.TWO_COLUMNS)))
                .contains("(b) RMSNorm weights")
                .doesNotContain("(c) RMSNorm biases");
        assertThat(svgText(figure))
                .contains("ends decoder layer 1, one of layers 0 to 1; a line for each of its 20 dimensions")
                .doesNotContain("middle")
                .contains("dimension 7: largest |z|, not an outlier, z 4.4")
                .contains("19 other dimensions");
    }

    @Test
    void whatIsPredictedWithoutContext_isALine_whereARunMeasuredIt() throws Exception {
        write(0, 100, -1);
        assertThat(svgText(TrajectoryFigure.of(run))).doesNotContain("best constant prediction");
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"step\":100,\"validation\":{\"mlm_loss\":6,\"unigram_loss\":6.4,\"context_free_loss\":null}}\n",
                StandardOpenOption.APPEND);
        assertThat(svgText(TrajectoryFigure.of(run)))
                .contains("best constant prediction")
                .doesNotContain("best without context");
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"step\":150,\"validation\":{\"unigram_loss\":6.4,\"context_free_loss\":5.9}}\n",
                StandardOpenOption.APPEND);
        assertThat(svgText(TrajectoryFigure.of(run))).contains("best without context");
    }

    @Test
    void aRunWithoutARecording_isRefused() {
        assertThatThrownBy(() -> TrajectoryFigure.of(run))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("layernorm.zarr");
    }

    /** A recording in which one dimension leaves the others in the three layer outputs; none does if it is −1. */
    private void write(int from, int to, int outlier) throws IOException {
        List<String> metrics = new ArrayList<>();
        try (LayerNormRecorder recorder =
                LayerNormRecorder.open(run.resolve("layernorm.zarr"), new SnapshotLayout(SITES), 1, true)) {
            for (int step = from; step < to; step++) {
                recorder.record(step, snapshot(step, outlier));
                String validation = step % 50 == 0
                        ? String.format(Locale.ROOT, ",\"validation\":{\"mlm_loss\":%.4f}", loss(step) + 0.05)
                        : "";
                metrics.add(String.format(Locale.ROOT, "{\"step\":%d,\"loss\":%.4f%s}", step, loss(step), validation));
            }
        }
        Files.write(run.resolve("metrics.jsonl"), metrics, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static double loss(int step) {
        return 5.7 + 3.3 * Math.exp(-step / 60.0) + 0.2 * (CounterHash.uniform(CounterHash.key(1, "loss"), step) - 0.5);
    }

    private static float[] snapshot(int step, int outlier) {
        float[] snapshot = new float[SITES.size() * 2 * HIDDEN];
        for (int i = 0; i < snapshot.length; i++) {
            boolean isWeight = i / HIDDEN % 2 == 0;
            double drift = (CounterHash.uniform(CounterHash.key(i, "drift"), 0) - 0.5) * Math.min(1, step / 300.0) / 10;
            if (i % HIDDEN == outlier && i >= 2 * HIDDEN) {
                drift = isWeight ? -step / 1500.0 : step / 1000.0;
            }
            snapshot[i] = (float) ((isWeight ? 1 : 0) + drift);
        }
        return snapshot;
    }

    /** All text of the SVG file, read by a parser that we did not write. */
    private String svgText(TrajectoryFigure figure) throws Exception {
        Path file = run.resolve("figure.svg");
        figure.write(run, "figure");
        return parse(Files.readString(file)).getDocumentElement().getTextContent();
    }

    private static List<String> texts(String svg) throws Exception {
        NodeList elements = parse(svg).getElementsByTagName("text");
        return IntStream.range(0, elements.getLength())
                .mapToObj(i -> elements.item(i).getTextContent().strip())
                .toList();
    }

    private static Document parse(String svg) throws Exception {
        DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        parser.setEntityResolver((name, system) -> new InputSource(new StringReader(""))); // SVG's DTD is on the web
        return parser.parse(new InputSource(new StringReader(svg)));
    }

    private static int pixels(BufferedImage image, int rgb) {
        int count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                count += (image.getRGB(x, y) & 0xffffff) == rgb ? 1 : 0;
            }
        }
        return count;
    }
}
