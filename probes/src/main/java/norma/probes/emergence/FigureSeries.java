package norma.probes.emergence;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteZ;
import norma.trainer.layernorm.SnapshotLayout;

/** What an emergence figure draws of some rows: means over the layers' outputs, of those that have the value. */
final class FigureSeries {
    private final SnapshotLayout layout;
    private final int[] outputs;
    private final List<Integer> dimensions;
    private final double[] steps;
    private final double[][] z; // two for each dimension, weight before bias
    private final double[][] beyond; // of weights, of biases

    FigureSeries(LayerNormRecording recording, List<Long> rows, List<Integer> dimensions, double sigma)
            throws IOException {
        layout = recording.layout();
        outputs = layout.outputs();
        this.dimensions = dimensions;
        steps = new double[rows.size()];
        z = new double[2 * dimensions.size()][rows.size()];
        beyond = new double[2][rows.size()];
        for (int row = 0; row < steps.length; row++) {
            steps[row] = recording.step(rows.get(row));
            float[] snapshot = recording.snapshot(rows.get(row));
            for (int site : outputs) {
                SiteZ here = SiteZ.of(snapshot, layout, site);
                for (Part part : Part.values()) {
                    for (int n = 0; n < dimensions.size(); n++) {
                        int d = dimensions.get(n);
                        z[2 * n + index(part)][row] +=
                                here.has(part, d) ? here.magnitude(part, d) / having(part, d) : 0;
                    }
                    beyond[index(part)][row] += (double) count(here, part, sigma) / having(part, 0);
                }
            }
        }
    }

    private static int index(Part part) {
        return part == Part.WEIGHT ? 0 : 1;
    }

    private static int count(SiteZ z, Part part, double sigma) {
        return (int) IntStream.range(0, z.width())
                .filter(d -> z.isBeyond(part, d, sigma))
                .count();
    }

    /** How many layers' outputs have a value. */
    private int having(Part part, int dimension) {
        return (int) IntStream.of(outputs)
                .filter(site -> layout.has(site, part) && dimension < layout.width(site))
                .count();
    }

    double[] steps() {
        return steps;
    }

    /** Mean |z| of a dimension at each row; empty where no layer has the value. */
    Optional<double[]> magnitude(int dimension, Part part) {
        return having(part, dimension) == 0
                ? Optional.empty()
                : Optional.of(z[2 * dimensions.indexOf(dimension) + index(part)]);
    }

    /** Mean number of dimensions beyond the threshold at each row; empty where no layer has the vector. */
    Optional<double[]> beyond(Part part) {
        return having(part, 0) == 0 ? Optional.empty() : Optional.of(beyond[index(part)]);
    }
}
