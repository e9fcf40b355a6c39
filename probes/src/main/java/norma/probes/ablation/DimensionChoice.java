package norma.probes.ablation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteZ;
import norma.trainer.layernorm.SnapshotLayout;

/** Which dimensions an ablation takes: the same ones always, or what a model's LayerNorms say. */
public sealed interface DimensionChoice {
    /** The dimensions for a model with this snapshot, ascending; empty where a rule finds none. */
    List<Integer> of(float[] snapshot, SnapshotLayout layout);

    /** As the user said it. */
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

    /** The outliers by a rule. */
    record Outliers(OutlierRule rule) implements DimensionChoice {
        @Override
        public List<Integer> of(float[] snapshot, SnapshotLayout layout) {
            return rule.apply(snapshot, layout).stream()
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
     */
    record MostExtreme(int count) implements DimensionChoice {
        @Override
        public List<Integer> of(float[] snapshot, SnapshotLayout layout) {
            int[] outputs = layout.outputs();
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

    /**
     * Reads {@code auto}, {@code top:K} or a list such as {@code 308,381}.
     *
     * @throws InvalidInputException if it is none of them, or names a dimension twice
     */
    static DimensionChoice parse(String words) {
        if (words.equals("auto")) {
            return new Outliers(OutlierRule.PAPER);
        }
        if (words.matches("top:[1-9]\\d{0,3}")) {
            return new MostExtreme(Integer.parseInt(words.substring(4)));
        }
        if (!words.matches("\\d{1,6}(,\\d{1,6})*")) {
            throw InvalidInputException.of("command line", "--dims", words, "auto, top:K or a list such as 308,381");
        }
        Set<Integer> listed = new LinkedHashSet<>();
        for (String word : words.split(",", -1)) {
            if (!listed.add(Integer.parseInt(word))) {
                throw InvalidInputException.of("command line", "--dims", words, "each dimension once");
            }
        }
        return new Listed(new ArrayList<>(listed));
    }
}
