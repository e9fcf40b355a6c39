package norma.probes.verification;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.Part;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;
import norma.trainer.safetensors.HostTensor;

/**
 * A row of a recording against weights.
 *
 * @param compared values that both have
 * @param difference the first that differs, and how many do; empty if none does
 */
record RecordedValues(int compared, Optional<String> difference) {
    /** Compares every vector of every site, bit for bit. */
    static RecordedValues compare(LayerNormRecording recording, long row, Map<String, HostTensor> weights)
            throws IOException {
        int compared = 0;
        int different = 0;
        String first = null;
        for (int s = 0; s < recording.sites().size(); s++) {
            LayerNormSite site = recording.sites().get(s);
            for (Part part : Part.values()) {
                Slice slice = part.of(site);
                if (slice == null) {
                    continue;
                }
                HostTensor tensor = weights.get(slice.parameter());
                if (tensor == null) {
                    return new RecordedValues(0, Optional.of("has no " + slice.parameter() + ", which is recorded"));
                }
                if (tensor.shape().length > 1) {
                    continue; // the recording holds norms
                }
                float[] recorded = part == Part.WEIGHT ? recording.weight(row, s) : recording.bias(row, s);
                if (tensor.values().length != recorded.length) {
                    return new RecordedValues(
                            0,
                            Optional.of(slice.parameter() + " has " + tensor.values().length + " values, the recording "
                                    + recorded.length));
                }
                for (int d = 0; d < recorded.length; d++) {
                    compared++;
                    float kept = tensor.values()[d];
                    if (Float.floatToRawIntBits(kept) != Float.floatToRawIntBits(recorded[d])) {
                        different++;
                        first = first != null
                                ? first
                                : slice.parameter() + "[" + d + "] is " + kept + ", the recording says " + recorded[d];
                    }
                }
            }
        }
        int count = different;
        return new RecordedValues(
                compared,
                Optional.ofNullable(first).map(words -> count == 1 ? words : words + "; " + count + " values differ"));
    }
}
