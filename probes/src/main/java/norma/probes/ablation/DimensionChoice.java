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
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.model.LayerNormSite;

/** Which dimensions an ablation takes: the same ones always, or what a model's LayerNorms say. */
public sealed interface DimensionChoice {
    /** The dimensions for a model, ascending; empty where a rule finds none. */
    List<Integer> of(float[] layerNorms, List<LayerNormSite> sites, int hidden);

    /** As the user said it. */
    String words();

    /** Those that are listed. */
    record Listed(List<Integer> dimensions) implements DimensionChoice {
        public Listed {
            dimensions = List.copyOf(dimensions);
        }

        @Override
        public List<Integer> of(float[] layerNorms, List<LayerNormSite> sites, int hidden) {
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
        public List<Integer> of(float[] layerNorms, List<LayerNormSite> sites, int hidden) {
            return rule.apply(layerNorms, sites, hidden).stream()
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
     * of |z(weight)| and |z(bias)|. Where all dimensions are alike, as before training, there is none.
     *
     * @param count how many at most
     */
    record MostExtreme(int count) implements DimensionChoice {
        @Override
        public List<Integer> of(float[] layerNorms, List<LayerNormSite> sites, int hidden) {
            SnapshotLayout layout = new SnapshotLayout(sites.size(), hidden);
            double[] extremity = new double[hidden];
            for (int s = 0; s < sites.size(); s++) {
                if (sites.get(s).isLayerOutput()) {
                    double[] weight = VectorStatistics.z(layerNorms, layout.weight(s), hidden);
                    double[] bias = VectorStatistics.z(layerNorms, layout.bias(s), hidden);
                    for (int d = 0; d < hidden; d++) {
                        extremity[d] += Math.max(Math.abs(weight[d]), Math.abs(bias[d]));
                    }
                }
            }
            return IntStream.range(0, hidden)
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
