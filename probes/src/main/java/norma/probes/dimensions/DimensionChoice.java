package norma.probes.dimensions;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteZ;
import norma.trainer.layernorm.SnapshotLayout;

/** Which dimensions an ablation takes: the same ones always, or what a model's LayerNorms or a scan of it say. */
public sealed interface DimensionChoice {
    /**
     * The dimensions for a model with this snapshot, ascending; empty where a rule finds none.
     *
     * @param costs of the same model; asked only by a choice that depends on them, for they take long to measure
     */
    List<Integer> of(float[] snapshot, SnapshotLayout layout, DimensionCosts costs);

    /** The name that results have it under. */
    String words();

    /** Dimensions as people read and write them: {@code 308,381}. */
    static String listed(List<Integer> dimensions) {
        return dimensions.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** Those that are listed. */
    record Listed(List<Integer> dimensions) implements DimensionChoice {
        public Listed {
            dimensions = List.copyOf(dimensions);
        }

        @Override
        public List<Integer> of(float[] snapshot, SnapshotLayout layout, DimensionCosts costs) {
            return dimensions;
        }

        @Override
        public String words() {
            return listed(dimensions);
        }
    }

    /**
     * The outliers by a rule.
     *
     * @param stack whose layers count
     */
    record Outliers(OutlierRule rule, StackChoice stack) implements DimensionChoice {
        @Override
        public List<Integer> of(float[] snapshot, SnapshotLayout layout, DimensionCosts costs) {
            return of(snapshot, layout);
        }

        /** The dimensions for a model with this snapshot, ascending. */
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
        public List<Integer> of(float[] snapshot, SnapshotLayout layout, DimensionCosts costs) {
            return of(snapshot, layout);
        }

        /** The dimensions for a model with this snapshot, ascending. */
        public List<Integer> of(float[] snapshot, SnapshotLayout layout) {
            return largest(count, extremity(snapshot, layout, stack));
        }

        /** The figure that this choice goes by, of each dimension. */
        public static double[] extremity(float[] snapshot, SnapshotLayout layout, StackChoice stack) {
            int[] outputs = layout.indices(stack::containsOutput);
            double[] extremity = new double[layout.widest(outputs)];
            for (int site : outputs) {
                SiteZ z = SiteZ.of(snapshot, layout, site);
                for (int d = 0; d < z.width(); d++) {
                    extremity[d] += Math.max(z.magnitude(Part.WEIGHT, d), z.magnitude(Part.BIAS, d));
                }
            }
            for (int d = 0; d < extremity.length; d++) {
                extremity[d] /= outputs.length;
            }
            return extremity;
        }

        @Override
        public String words() {
            return "top:" + count;
        }
    }

    /**
     * The ones that cost most when they are switched off alone; those that cost nothing, or without which the model
     * gains, are never among them.
     *
     * @param count how many at most
     */
    record Costliest(int count) implements DimensionChoice {
        @Override
        public List<Integer> of(float[] snapshot, SnapshotLayout layout, DimensionCosts costs) {
            return largest(count, costs.byDimension());
        }

        @Override
        public String words() {
            return "costliest:" + count;
        }
    }

    /** Positions of the largest values above 0, ascending; of equal values the first. */
    private static List<Integer> largest(int count, double[] values) {
        return IntStream.range(0, values.length)
                .filter(d -> values[d] > 0)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer d) -> -values[d]))
                .limit(count)
                .sorted()
                .toList();
    }
}
