package example;

import java.io.IOException;
import java.nio.file.Path;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.run.RunFiles;

/** Prints one LayerNorm weight over a run, and the run's outliers: {@code ReadRecording RUN SITE DIMENSION}. */
public final class ReadRecording {
    public static void main(String[] args) throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(new RunFiles(Path.of(args[0])).layerNorms());
        int site = recording.site(args[1]);
        int dimension = Integer.parseInt(args[2]);
        for (long row = 0; row < recording.size(); row += 50) {
            float[] weight = recording.weight(row, site); // (H)
            double z = VectorStatistics.z(weight, 0, weight.length)[dimension];
            System.out.printf("step %d: weight %.4f, z = %.2f%n", recording.step(row), weight[dimension], z);
        }
        float[] last = recording.snapshot(recording.lastRow()); // every site's weight and bias
        for (OutlierDimension outlier : OutlierRule.PAPER.apply(last, recording.layout())) {
            System.out.println("outlier " + outlier.dimension() + " at " + outlier.sites());
        }
    }
}
