package norma.trainer.figure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import norma.trainer.figure.ThinnedSeries.Point;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.model.LayerNormSite;

/** Weight and bias of the middle layer's output LayerNorm over the recorded steps, thinned. */
final class SiteTrajectory {
    private final ThinnedSeries<Vectors> series = new ThinnedSeries<>();
    private Point<Vectors> last;
    private long rowsSeen;

    /** Reads what the recording holds beyond the last time: one row in stride. */
    void update(LayerNormRecording recording) throws IOException {
        if (recording.size() <= rowsSeen) {
            return;
        }
        int site = middleOutput(recording.sites());
        for (long row = rowsSeen; row < recording.size(); row++) {
            if (series.wants(row)) {
                series.add(row, recording.step(row), vectors(recording, row, site));
            }
        }
        rowsSeen = recording.size();
        long lastRow = rowsSeen - 1;
        last = new Point<>(lastRow, recording.step(lastRow), vectors(recording, lastRow, site));
    }

    private static Vectors vectors(LayerNormRecording recording, long row, int site) throws IOException {
        return new Vectors(recording.weight(row, site), recording.bias(row, site));
    }

    /** The points to draw, up to the last recorded step. */
    List<Point<Vectors>> points() {
        List<Point<Vectors>> points = new ArrayList<>(series.points());
        if (last != null && points.get(points.size() - 1).number() < last.number()) {
            points.add(last);
        }
        return points;
    }

    /** The index of the output site of layer L / 2, counted from 0. */
    static int middleOutput(List<LayerNormSite> sites) {
        int[] outputs = outputs(sites);
        if (outputs.length == 0) {
            throw new IllegalArgumentException("no layer output among the sites " + sites);
        }
        return outputs[outputs.length / 2];
    }

    static int[] outputs(List<LayerNormSite> sites) {
        return IntStream.range(0, sites.size())
                .filter(s -> sites.get(s).isLayerOutput())
                .toArray();
    }

    @SuppressWarnings("ArrayRecordComponent") // points of lines, never compared
    record Vectors(float[] weight, float[] bias) {}
}
