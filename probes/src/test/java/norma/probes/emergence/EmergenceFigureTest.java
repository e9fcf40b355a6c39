package norma.probes.emergence;

import static norma.probes.emergence.ConstructedRecording.output;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.Progress;
import norma.trainer.figure.FigureWidth;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class EmergenceFigureTest {
    @TempDir
    Path run;

    @Test
    void theLossStandsAboveDistanceAndCount_ifThereIsOne() throws IOException {
        LayerNormRecording recording = recording(true);
        Emergence found = EmergenceReader.read(recording, OutlierRule.PAPER, Progress.NONE);
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":10,\"loss\":8.5}\n{\"step\":20,\"loss\":7.5}\n");
        String with = EmergenceFigure.of("a run", recording, found, LossesAtSteps.read(run))
                .svg(FigureWidth.TWO_COLUMNS);
        assertThat(with).contains("training loss", "weight 7", "vertical lines").doesNotContain("validation");
        String without = EmergenceFigure.of("a run", recording, found, null).svg(FigureWidth.TWO_COLUMNS);
        assertThat(without).contains("weight 7", "outliers by the rule").doesNotContain("training loss");
        assertThat(EmergenceFigure.of("a run", recording, found, null).svg(FigureWidth.TWO_COLUMNS))
                .isEqualTo(without);
    }

    @Test
    void theFigure_namesTheRuleThatWasApplied() throws IOException {
        LayerNormRecording recording = recording(true);
        OutlierRule relaxed = new OutlierRule(2.5, 0.25, OutlierRule.Combination.OR);
        Emergence found = EmergenceReader.read(recording, relaxed, Progress.NONE);
        assertThat(EmergenceFigure.of("a run", recording, found, null).svg(FigureWidth.TWO_COLUMNS))
                .contains("threshold: 2.5", "weight or bias more than 2.5", "more than 0.25 of 2 sites")
                .doesNotContain("threshold: 3.0", "3.0 standard");
    }

    @Test
    void lanes_areTheSitesWhereADimensionStaysBeyond() throws IOException {
        Emergence found = EmergenceReader.read(recording(true), OutlierRule.PAPER, Progress.NONE);
        String lanes = EmergenceFigure.lanes("a run", found).orElseThrow().svg(FigureWidth.TWO_COLUMNS);
        assertThat(bars(lanes))
                .as("a bar for weight and bias in two lanes, and the outlines of all")
                .isEqualTo(8);
        assertThat(lanes)
                .contains("7  layer.0.output", "7  layer.1.output", "weight", "bias")
                .doesNotContain("7  head");
    }

    @Test
    void whereNothingDeparts_thereAreNoLanes_andTheFigureSaysSo() throws IOException {
        LayerNormRecording recording = recording(false);
        Emergence found = EmergenceReader.read(recording, OutlierRule.PAPER, Progress.NONE);
        assertThat(EmergenceFigure.lanes("a run", found)).isEmpty();
        assertThat(texts(EmergenceFigure.of("a run", recording, found, null).svg(FigureWidth.TWO_COLUMNS)))
                .contains("no dimension satisfies the rule at the end");
    }

    /** The letters of a picture; a long title is a text for each of its lines. */
    private static String texts(String svg) {
        return svg.replaceAll("<[^>]+>", " ").replaceAll("\\s+", " ");
    }

    /** Rectangles as wide as two thirds of the axis, from step 20 to step 59 of 59. */
    private static long bars(String svg) {
        return java.util.regex.Pattern.compile("<rect [^>]*width=\"([0-9.]+)\"")
                .matcher(svg)
                .results()
                .mapToDouble(match -> Double.parseDouble(match.group(1)))
                .filter(width -> width > 400 && width < 600)
                .count();
    }

    private LayerNormRecording recording(boolean departs) throws IOException {
        return LayerNormRecording.open(ConstructedRecording.write(
                run, 2, 60, 1, (step, site, weight, d) -> departs && d == 7 && output(site, 2) && step >= 20));
    }
}
