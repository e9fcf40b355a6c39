package norma.probes.outliers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one definition says of one model.
 *
 * @param name the definition's own name, snake case
 * @param formula what is computed, and of what
 * @param source where it is published
 * @param naming how dimensions follow from it
 * @param values its figures by name; NaN where undefined
 * @param perLayer its figure per site or hidden state, by that one's name; NaN where undefined
 * @param dimensions the dimensions it finds, with the number of sites or hidden states that say so
 */
public record Finding(
        String name,
        String formula,
        String source,
        String naming,
        Map<String, Double> values,
        Map<String, Double> perLayer,
        Map<Integer, Integer> dimensions) {
    /** How dimensions follow from a figure that names none by itself. */
    static final String LARGEST_TERM =
            "the dimension with the largest term in at least one of them; the count says in how many";

    public Finding {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        perLayer = Collections.unmodifiableMap(new LinkedHashMap<>(perLayer));
        dimensions = Collections.unmodifiableMap(new LinkedHashMap<>(dimensions));
    }

    /**
     * A figure that is a sum over dimensions in each of several places; the headline is their mean and their largest.
     *
     * @param places names
     * @param terms (places, H)
     */
    static Finding ofTerms(String name, String formula, String source, List<String> places, List<double[]> terms) {
        Map<String, Double> perLayer = new LinkedHashMap<>();
        for (int i = 0; i < places.size(); i++) {
            perLayer.put(places.get(i), Kurtosis.sum(terms.get(i)));
        }
        return new Finding(
                name, formula, source, LARGEST_TERM, summary(perLayer), perLayer, Dimensions.ofLargest(terms));
    }

    /** Mean and largest of figures, NaN if any is. */
    static Map<String, Double> summary(Map<String, Double> perLayer) {
        double sum = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (double value : perLayer.values()) {
            sum += value;
            largest = Math.max(largest, value);
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("mean", sum / perLayer.size());
        values.put("largest", perLayer.isEmpty() ? Double.NaN : largest);
        return values;
    }
}
