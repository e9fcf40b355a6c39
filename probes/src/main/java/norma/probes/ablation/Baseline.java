package norma.probes.ablation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.random.CounterHash;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.StackChoice;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Other dimensions that are ablated in the same place for comparison: as many, none of them ablated itself, in this
 * ablation or in another of the same model, and none an outlier by the paper's rule, in one stack or over all.
 */
public sealed interface Baseline {
    /** How many draws. */
    int draws();

    /** The name that results have it under. */
    String words();

    /**
     * The ablation that the draws stand beside.
     *
     * @param name of an ablation
     * @return its name, or nothing if the draws stand beside all ablations of as many dimensions alike
     */
    String beside(String name);

    /**
     * The dimensions of each draw, ascending.
     *
     * @param ablation what is compared with
     * @param apart dimensions that other ablations switch off
     * @throws InvalidInputException if the model has too few other dimensions
     */
    List<List<Integer>> draw(PretrainedModel bert, Ablation ablation, Set<Integer> apart);

    /** Drawn uniformly, without repetition inside a draw: a pure function of (seed, draw). */
    record Random(int draws, long seed) implements Baseline {
        @Override
        public String words() {
            return "random:" + draws;
        }

        @Override
        public String beside(String name) {
            return "";
        }

        @Override
        public List<List<Integer>> draw(PretrainedModel bert, Ablation ablation, Set<Integer> apart) {
            List<Integer> others =
                    others(bert, ablation, apart, ablation.dimensions().size());
            List<List<Integer>> all = new ArrayList<>();
            for (int draw = 0; draw < draws; draw++) {
                long key = CounterHash.key(seed, "baseline", draw);
                List<Integer> left = new ArrayList<>(others);
                Set<Integer> drawn = new TreeSet<>();
                for (int i = 0; i < ablation.dimensions().size(); i++) {
                    drawn.add(left.remove(CounterHash.below(key, i, left.size())));
                }
                all.add(List.copyOf(drawn));
            }
            return all;
        }
    }

    /**
     * Nearest in magnitude to the ablated ones, the magnitude of a dimension being the L2 norm of all its values that
     * an ablation in this place edits. Draw 0 takes for each ablated dimension, in order, the nearest that is left;
     * draw 1 the nearest of the rest; and so on, so that no dimension is in two draws.
     */
    record Matched(int draws) implements Baseline {
        @Override
        public String words() {
            return "matched:" + draws;
        }

        @Override
        public String beside(String name) {
            return name;
        }

        @Override
        public List<List<Integer>> draw(PretrainedModel bert, Ablation ablation, Set<Integer> apart) {
            int size = ablation.dimensions().size();
            int needed = (int) Math.min(Integer.MAX_VALUE, (long) size * draws);
            List<Integer> left = new ArrayList<>(others(bert, ablation, apart, needed));
            double[] magnitude = magnitudes(bert, bert.layerNormSites(), ablation.place());
            List<List<Integer>> all = new ArrayList<>();
            for (int draw = 0; draw < draws; draw++) {
                Set<Integer> drawn = new TreeSet<>();
                for (int target : ablation.dimensions()) {
                    Integer nearest = left.stream()
                            .min(Comparator.comparingDouble(d -> Math.abs(magnitude[d] - magnitude[target])))
                            .orElseThrow();
                    left.remove(nearest);
                    drawn.add(nearest);
                }
                all.add(List.copyOf(drawn));
            }
            return all;
        }
    }

    /**
     * The L2 norm, per dimension, of all values that an ablation in a place edits: of a matrix, all of the dimension's
     * row or column.
     *
     * @param sites of the model
     */
    static double[] magnitudes(PretrainedModel bert, List<LayerNormSite> sites, AblationPlace place) {
        double[] squares = new double[place.width(sites)];
        for (int site : place.edited(sites)) {
            for (Part part : place.parts()) {
                Slice slice = AblationPlace.edited(part, sites.get(site));
                if (slice != null) {
                    new AxisValues(bert.shape(slice.parameter()), slice.axis())
                            .addSquares(bert.parameter(slice.parameter()), squares);
                }
            }
        }
        return DoubleStream.of(squares).map(Math::sqrt).toArray();
    }

    private static List<Integer> others(PretrainedModel bert, Ablation ablation, Set<Integer> apart, int needed) {
        SnapshotLayout layout = new SnapshotLayout(bert.layerNormSites());
        int hidden = ablation.place().width(layout.sites());
        Set<Integer> excluded = new HashSet<>(ablation.dimensions());
        excluded.addAll(apart);
        for (StackChoice stack : ablation.place().sites().stack().withParts(layout.sites())) {
            excluded.addAll(new DimensionChoice.Outliers(OutlierRule.PAPER, stack).of(bert.layerNorms(), layout));
        }
        List<Integer> others = new ArrayList<>();
        for (int d = 0; d < hidden; d++) {
            if (!excluded.contains(d)) {
                others.add(d);
            }
        }
        if (others.size() < needed) {
            throw InvalidInputException.setting(
                    "baseline",
                    needed + " dimensions",
                    "at most " + others.size() + ", the other dimensions of " + bert.folder());
        }
        return others;
    }
}
