package norma.trainer.step;

import java.io.IOException;
import java.util.Arrays;
import norma.trainer.safetensors.SafetensorsFile;

/**
 * The places that a permuted fixture asks for: P for each sequence, some of them nowhere.
 *
 * @param tokens B*S
 * @param positions in (B*S), row by row; -1 of a place that is nowhere
 */
@SuppressWarnings("ArrayRecordComponent") // read by the test that makes it
record AskedPlaces(int tokens, int[] positions) {
    static final String MAPPING = "input.target_mapping";

    static AskedPlaces of(SafetensorsFile io) throws IOException {
        long[] shape = io.shape(MAPPING); // (B, P, S)
        float[] mapping = io.read(MAPPING).values();
        int s = (int) shape[2];
        int[] positions = new int[(int) (shape[0] * shape[1])];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = -1;
            for (int j = 0; j < s; j++) {
                if (mapping[i * s + j] == 1) {
                    positions[i] = (int) (i / shape[1]) * s + j;
                }
            }
        }
        return new AskedPlaces((int) shape[0] * s, positions);
    }

    /** Of a vector for each token those of the places that are somewhere, in their order. */
    float[] rows(float[] ofTokens) {
        return picked(ofTokens, ofTokens.length / tokens, true);
    }

    /** Of a vector for each place those of the places that are somewhere. */
    float[] present(float[] ofPlaces) {
        return picked(ofPlaces, ofPlaces.length / positions.length, false);
    }

    private float[] picked(float[] values, int width, boolean byToken) {
        float[] picked = new float[values.length];
        int n = 0;
        for (int i = 0; i < positions.length; i++) {
            if (positions[i] >= 0) {
                int from = (byToken ? positions[i] : i) * width;
                for (int j = 0; j < width; j++) {
                    picked[n++] = values[from + j];
                }
            }
        }
        return Arrays.copyOf(picked, n);
    }
}
