package norma.probes.outliers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The definitions that look at hidden states. Figures per layer are those of the layers' outputs, hidden states 1 … N;
 * the embeddings' output counts only where a definition says "0 … L" (LLM.int8's).
 */
public final class ActivationDefinitions {
    private static final String LAYERS =
            ", over the output of each layer (after output.LayerNorm), embeddings left out";

    private ActivationDefinitions() {}

    /** Every one of them. */
    public static List<Finding> of(Activations activations) {
        return List.of(
                perToken(activations),
                layerMean(activations),
                perSequence(activations),
                featureNorm(activations),
                infinityNorm(activations),
                largeFeatures(activations),
                massive(activations));
    }

    private static Finding perToken(Activations activations) {
        return terms(
                "activation_kurtosis_per_token",
                "for each token mean_j((x_j - mean)^4) / sigma^4 over its H values, then the mean over tokens" + LAYERS,
                "sample kurtosis of each token's vector, in common use; no single source",
                activations,
                state -> HiddenStateStatistics.divided(state.tokenTerms, state.tokens));
    }

    private static Finding layerMean(Activations activations) {
        return terms(
                "activation_kurtosis_layer_mean",
                "m_j = mean over tokens of x_j; mean_j((m_j - mean)^4) / sigma^4 over the H values of m" + LAYERS,
                "sample kurtosis of a layer's mean activation vector, in common use; no single source",
                activations,
                state -> Kurtosis.terms(HiddenStateStatistics.divided(state.sum, state.tokens)));
    }

    private static Finding perSequence(Activations activations) {
        return terms(
                "activation_kurtosis_per_sequence",
                "for each sequence mean((x - mean)^4) / sigma^4 over all its S x H values, then the mean over sequences"
                        + LAYERS + " (theirs adds the feed-forward output before its LayerNorm, and has the sample"
                        + " sigma with 1e-6 added to its fourth power)",
                "Bondarenko, Nagel and Blankevoort 2023, \"Quantizable Transformers\", arXiv 2306.12929, as their"
                        + " published evaluation computes it",
                activations,
                state -> HiddenStateStatistics.divided(state.sequenceTerms, state.sequences));
    }

    private static Finding featureNorm(Activations activations) {
        return terms(
                "feature_norm_kurtosis",
                "s_j^2 = mean over tokens of x_j^2; mean_j(s_j^4) / (mean_j(s_j^2))^2, not centred" + LAYERS,
                "He, Noci, Paliotta, Schlag and Hofmann 2024, \"Understanding and Minimising Outlier Features\","
                        + " arXiv 2405.19279",
                activations,
                state -> Kurtosis.uncentredTerms(HiddenStateStatistics.divided(state.squares, state.tokens)));
    }

    private static Finding terms(
            String name,
            String formula,
            String source,
            Activations activations,
            Function<HiddenStateStatistics, double[]> terms) {
        return Finding.ofTerms(
                name,
                formula,
                source,
                activations.names(),
                activations.layers().stream().map(terms).toList());
    }

    private static Finding infinityNorm(Activations activations) {
        Map<String, Double> perLayer = new LinkedHashMap<>();
        List<double[]> largest = new ArrayList<>();
        List<String> names = activations.names();
        for (int i = 0; i < names.size(); i++) {
            HiddenStateStatistics layer = activations.layers().get(i);
            perLayer.put(names.get(i), layer.infinityNorm());
            largest.add(layer.largest);
        }
        return new Finding(
                "largest_infinity_norm",
                "for each sequence max |x| over its S x H values, then the mean over sequences; the figure is the"
                        + " largest over layers" + LAYERS + " (theirs also looks before that LayerNorm)",
                "Bondarenko, Nagel and Blankevoort 2023, \"Quantizable Transformers\", arXiv 2306.12929",
                "the dimension that holds the largest |x| of a layer; the count says in how many",
                Finding.summary(perLayer),
                perLayer,
                Dimensions.ofLargest(largest));
    }

    /** Dettmers et al.: |x| ≥ 6 in at least 25 % of hidden states 0 … L and at least 6 % of positions; all three ≥. */
    private static Finding largeFeatures(Activations activations) {
        List<HiddenStateStatistics> states = activations.states();
        int hidden = states.get(0).hidden;
        long all = states.stream().mapToLong(state -> state.tokens).sum();
        Map<Integer, Integer> found = new TreeMap<>();
        long anyReading = 0;
        long[] largeInAnyLayer = activations.largeInAnyLayer();
        for (int d = 0; d < hidden; d++) {
            int layers = 0;
            long positions = 0;
            for (HiddenStateStatistics state : states) {
                layers += state.large[d] > 0 ? 1 : 0;
                positions += state.large[d];
            }
            boolean enoughLayers = 4L * layers >= states.size();
            if (enoughLayers && 100 * positions >= 6 * all) {
                found.put(d, layers);
            }
            if (enoughLayers && 100 * largeInAnyLayer[d] >= 6 * activations.tokens()) {
                anyReading++;
            }
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("dimensions", (double) found.size());
        values.put("dimensions_if_a_position_counts_once_over_all_layers", (double) anyReading);
        return new Finding(
                "llm_int8_features",
                "|x| >= 6 for at least one token in at least 25 % of the hidden states 0 ... L (embeddings' output and"
                        + " every layer's), and at no less than 6 % of the sequence positions, counted across all"
                        + " hidden states",
                "Dettmers, Lewis, Belkada and Zettlemoyer 2022, \"LLM.int8()\", section 4.1, arXiv 2208.07339; they look"
                        + " at the inputs of the projections, here at the hidden states",
                "the dimensions that meet all three; the count says in how many hidden states |x| >= 6 occurs",
                values,
                Map.of(),
                Dimensions.mostFirst(found));
    }

    private static Finding massive(Activations activations) {
        Map<String, Double> values = new LinkedHashMap<>();
        Map<String, Double> ratios = new LinkedHashMap<>();
        Map<Integer, Integer> found = new TreeMap<>();
        List<String> names = activations.names();
        HiddenStateStatistics extreme = activations.layers().get(0);
        for (int i = 0; i < names.size(); i++) {
            HiddenStateStatistics layer = activations.layers().get(i);
            ratios.put(names.get(i), layer.top[0] / layer.medians);
            for (int d = 0; d < layer.hidden; d++) {
                if (layer.massive[d] > 0) {
                    found.merge(d, 1, Integer::sum);
                }
            }
            extreme = layer.top[0] > extreme.top[0] ? layer : extreme;
        }
        values.put("top_1", extreme.top[0] / extreme.sequences);
        values.put("top_2", extreme.top[1] / extreme.sequences);
        values.put("top_3", extreme.top[2] / extreme.sequences);
        values.put("median", extreme.medians / extreme.sequences);
        values.put("largest_ratio", Finding.summary(ratios).get("largest"));
        return new Finding(
                "massive_activations",
                "|x| > 100 and |x| >= 1000 x the median |x| of its sequence's hidden state (S x H values)" + LAYERS
                        + "; top 1 to 3 and median: means over sequences in the layer with the largest top 1; per layer:"
                        + " top 1 / median",
                "Sun, Chen, Kolter and Liu 2024, \"Massive Activations in Large Language Models\", section 2,"
                        + " arXiv 2402.17762",
                "the dimensions of massive activations; the count says in how many layers",
                values,
                ratios,
                Dimensions.mostFirst(found));
    }
}
