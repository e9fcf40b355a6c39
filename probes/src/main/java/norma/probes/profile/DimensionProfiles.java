package norma.probes.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.probes.attention.TokenKind;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.StackChoice;
import norma.probes.outliers.Activations;
import norma.probes.outliers.DimensionActivation;
import norma.probes.outliers.HiddenStates;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteZ;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.pretrained.PretrainedModel;

/**
 * The profiles of all dimensions of a model, by position.
 *
 * @param all of them
 * @param layers how many layers they were looked at in
 */
public record DimensionProfiles(List<DimensionProfile> all, int layers) {
    /** What dimensions are ranked by. */
    public enum Respect {
        /** Mean |z| over the layers. */
        SHAPE,
        /** Largest |x|. */
        ACTIVATION,
        /** What the model loses. */
        COST;

        /** The figure of a dimension. */
        public double of(DimensionProfile profile) {
            return switch (this) {
                case SHAPE -> profile.shape().meanZ();
                case ACTIVATION -> profile.activation().largest();
                case COST -> profile.cost();
            };
        }

        /** As people and files have it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public DimensionProfiles {
        all = List.copyOf(all);
    }

    /**
     * Looks at a model.
     *
     * @param stack whose layers are looked at
     * @param batches the text for activations, with nothing masked and at least one token
     * @param kinds of every id, see {@link TokenKind#of}; empty where the model has no tokenizer
     * @param costs by position, see {@link norma.probes.dimensions.DimensionCosts}
     */
    public static DimensionProfiles of(
            PretrainedModel bert,
            StackChoice stack,
            List<Batch> batches,
            TokenKind[] kinds,
            double[] costs,
            Progress progress) {
        float[] snapshot = bert.layerNorms();
        SnapshotLayout layout = new SnapshotLayout(bert.layerNormSites());
        HiddenStates states = HiddenStates.of(layout.sites(), stack);
        KindMagnitudes magnitudes =
                new KindMagnitudes(kinds, states.size(), bert.config().hiddenSize());
        Activations activations = Activations.measure(bert, states, batches, magnitudes, progress);
        List<SiteZ> sites = IntStream.of(layout.indices(stack::containsOutput))
                .mapToObj(site -> SiteZ.of(snapshot, layout, site))
                .toList();
        double[] meanZ = DimensionChoice.MostExtreme.extremity(snapshot, layout, stack);
        List<DimensionProfile> all = new ArrayList<>();
        for (int d = 0; d < costs.length; d++) {
            DimensionActivation activation = activations.of(d);
            int state = states.placeOf(activation.site());
            all.add(new DimensionProfile(d, shape(sites, d, meanZ[d]), activation, magnitudes.of(state, d), costs[d]));
        }
        return new DimensionProfiles(all, sites.size());
    }

    private static DimensionProfile.Shape shape(List<SiteZ> sites, int dimension, double meanZ) {
        int beyond = (int) sites.stream()
                .filter(site -> OutlierRule.PAPER.isBeyond(site, dimension))
                .count();
        return new DimensionProfile.Shape(
                farthest(sites, Part.WEIGHT, dimension), farthest(sites, Part.BIAS, dimension), beyond, meanZ);
    }

    private static double farthest(List<SiteZ> sites, Part part, int dimension) {
        return sites.stream()
                .filter(site -> site.has(part, dimension))
                .map(site -> site.at(part, dimension))
                .max(Comparator.comparingDouble(Math::abs))
                .orElse(0.0);
    }

    /** The dimensions in one respect, the largest first; of equal ones the first position. */
    public List<DimensionProfile> ranked(Respect respect) {
        return all.stream()
                .sorted(Comparator.comparingDouble(respect::of).reversed())
                .toList();
    }

    /** Place of a dimension among all in one respect, from 1. */
    public int rank(Respect respect, DimensionProfile profile) {
        return 1 + ranked(respect).indexOf(profile);
    }

    /** Mean cost of all dimensions but one. */
    public double meanCostOfOthers(DimensionProfile profile) {
        return all.stream()
                .filter(other -> other.dimension() != profile.dimension())
                .mapToDouble(DimensionProfile::cost)
                .average()
                .orElse(Double.NaN);
    }
}
