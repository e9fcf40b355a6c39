package norma.probes.dimensions;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteZ;
import norma.trainer.layernorm.SnapshotLayout;

/** Which dimensions an ablation takes: the same ones always, or what a model's LayerNorms say. */
public sealed interface DimensionChoice {
    /** The dimensions for a model with this snapshot, ascending; empty where a rule finds none. */
    List<Integer> of(float[] snapshot, SnapshotLayout layout);

    /** The name that results have it under. */
    String words();

    /** Those that are listed. */
    record Listed(List<Integer> dimensions) implements DimensionChoice {
        public Listed {
            dimensions = List.copyOf(dimensions);
        }

        @Override
        public List<Integer> of(float[] snapshot, SnapshotLayout layout) {
            return dimensions;
        }

        @Override
        public String words() {
            return String.join(",", dimensions.stream().map(String::valueOf).toList());
        }
    }

    /**
     * The outliers by a rule.
     *
     * @param stack whose layers count
     */
    record Outliers(OutlierRule rule, StackChoice stack) implements DimensionChoice {
        @Override
        public List<Integer> of(float[] snapshot, SnapshotLayout layout) {
            return rule.apply(snapshot, layout, stack::containsOutput).stream()
                    .map(OutlierDimension::dimension)
                    .toList();
        }

        @Override
        public String words() {
            return "auto";
        }
    }

    /**
     * The most extreme ones, outliers by the rule or not: by the mean over the layers' output LayerNorms of the larger
     * of |z(weight)| and |z(bias)|. A value that a layer lacks counts as 0. Where all dimensions are alike, as before
     * training, there is none.
     *
     * @param count how many at most
     * @param stack whose layers count
     */
    record MostExtreme(int count, StackChoice stack) implements DimensionChoice {
        @Override
        public List<Integer> of(float[] snapshot, SnapshotLayout layout) {
            int[] outputs = layout.indices(stack::containsOutput);
            double[] extremity = new double[layout.widest(outputs)];
            for (int site : outputs) {
                SiteZ z = SiteZ.of(snapshot, layout, site);
                for (int d = 0; d < z.width(); d++) {
                    extremity[d] += Math.max(z.magnitude(Part.WEIGHT, d), z.magnitude(Part.BIAS, d));
                }
            }
            return IntStream.range(0, extremity.length)
                    .filter(d -> extremity[d] > 0)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer d) -> -extremity[d]))
                    .limit(count)
                    .sorted()
                    .toList();
        }

        @Override
        public String words() {
            return "top:" + count;
        }
    }
}
