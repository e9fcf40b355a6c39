package norma.trainer.reference;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.Objective;
import norma.trainer.safetensors.SafetensorsFile;

/**
 * Inputs of a permutation language model as Hugging Face's XLNet takes them: {@code input.perm_mask} (B, S, S), 1 where
 * a key is hidden from a query, {@code input.target_mapping} (B, P, S), 1 at the place that is asked for or nowhere,
 * and {@code input.labels} (B, P).
 */
final class PermutedReference {
    /** What is asked for. */
    static final String MAPPING = "input.target_mapping";

    private PermutedReference() {}

    /** The inputs with what is predicted, and hidden. */
    static Batch batch(SafetensorsFile io, Batch inputs) throws IOException {
        int s = inputs.length();
        int places = Math.toIntExact(io.shape(MAPPING)[1]);
        float[] mapping = io.read(MAPPING).values();
        int[] labels = ReferenceFolder.ints(io.readLongs("input.labels"));
        Map<Integer, Integer> labelOf = new TreeMap<>(); // by position in (B*S)
        for (int i = 0; i < labels.length; i++) {
            int place = place(mapping, i * s, s);
            if (labels[i] != Objective.NOT_PREDICTED
                    && (place < 0 || labelOf.put(i / places * s + place, labels[i]) != null)) {
                throw InvalidInputException.of(
                        "io.safetensors", MAPPING, "a label without a place of its own", "one place for each label");
            }
        }
        float[] mask = io.read("input.perm_mask").values();
        return new Batch(
                        inputs.rows(),
                        s,
                        inputs.inputIds(),
                        inputs.tokenTypeIds(),
                        inputs.lengths(),
                        labelOf.keySet().stream().mapToInt(i -> i).toArray(),
                        labelOf.values().stream().mapToInt(i -> i).toArray(),
                        null)
                .hiding((row, query, key) -> mask[(row * s + query) * s + key] != 0);
    }

    /** Where the 1 stands; -1 if there is none. */
    private static int place(float[] mapping, int from, int length) {
        float[] row = Arrays.copyOfRange(mapping, from, from + length);
        int place = -1;
        for (int i = 0; i < length; i++) {
            if (row[i] != 0 && (row[i] != 1 || place >= 0)) {
                throw InvalidInputException.of("io.safetensors", MAPPING, Arrays.toString(row), "a single 1, or none");
            }
            place = row[i] == 0 ? place : i;
        }
        return place;
    }
}
