package norma.trainer.figure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.trainer.figure.ThinnedSeries.Point;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;

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
        int site = middleOutput(recording.layout());
        for (long row = rowsSeen; row < recording.size(); row++) {
            if (series.wants(row)) {
                series.add(row, recording.step(row), vectors(recording, row, site));
            }
        }
        rowsSeen = recording.size();
        long lastRow = recording.lastRow();
        last = lastRow < 0 ? null : new Point<>(lastRow, recording.step(lastRow), vectors(recording, lastRow, site));
    }

    /** Where a chunk of the recording is lost, NaN: a line breaks there. */
    private static Vectors vectors(LayerNormRecording recording, long row, int site) throws IOException {
        if (recording.has(row)) {
            return new Vectors(recording.weight(row, site), recording.bias(row, site));
        }
        return new Vectors(lost(recording.layout(), site, Part.WEIGHT), lost(recording.layout(), site, Part.BIAS));
    }

    private static float[] lost(SnapshotLayout layout, int site, Part part) {
        if (!layout.has(site, part)) {
            return null;
        }
        float[] values = new float[layout.width(site)];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    /** The points to draw, up to the last recorded step that is there. */
    List<Point<Vectors>> points() {
        List<Point<Vectors>> points = new ArrayList<>(series.points());
        if (last != null) {
            points.removeIf(point -> point.number() >= last.number());
            points.add(last);
        }
        return points;
    }

    /** The index of the output site of layer L / 2, counted from 0, of the last stack. */
    static int middleOutput(SnapshotLayout layout) {
        int[] outputs = outputs(layout);
        if (outputs.length == 0) {
            throw new IllegalArgumentException("no layer output among the sites " + layout);
        }
        return outputs[outputs.length / 2];
    }

    /** The layer outputs of the last stack: what predicts, of a model with an encoder and a decoder. */
    static int[] outputs(SnapshotLayout layout) {
        int[] all = layout.outputs();
        return layout.indices(site -> site.isLayerOutput()
                && site.stack() == layout.site(all[all.length - 1]).stack());
    }

    /** Whether layers are in more than one stack. */
    static boolean severalStacks(SnapshotLayout layout) {
        return outputs(layout).length < layout.outputs().length;
    }

    /** Each null where the site has none. */
    @SuppressWarnings("ArrayRecordComponent") // points of lines, never compared
    record Vectors(float[] weight, float[] bias) {
        int width() {
            return weight == null ? bias.length : weight.length;
        }
    }
}
