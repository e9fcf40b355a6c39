package norma.trainer.blocks;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("engine")
class ScriptOperatorsTest {
    private static final int ROWS = 2;
    private static final int HEADS = 3;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 8})
    void shift_givesOfEachQueryAndKeyTheColumnOfTheirDistance(int s) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                ScriptOperators scripted = new ScriptOperators(manager)) {
            float[] wide = new float[ROWS * HEADS * s * 2 * s];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = i;
            }
            NDArray array = manager.create(wide, new Shape(ROWS, HEADS, s, 2L * s));
            float[] near = scripted.shifted(array).toFloatArray();
            assertThat(near).hasSize(ROWS * HEADS * s * s);
            for (int plane = 0; plane < ROWS * HEADS; plane++) {
                for (int query = 0; query < s; query++) {
                    for (int key = 0; key < s; key++) {
                        int column = s - query + key; // distance query - key counts down from S
                        assertThat(near[(plane * s + query) * s + key])
                                .isEqualTo(wide[(plane * s + query) * 2 * s + column]);
                    }
                }
            }
        }
    }
}
