package norma.trainer.step;

import norma.trainer.model.Precision;
import org.junit.jupiter.api.Tag;

/** The same reference against the functions that a GPU computes with, and the loss that never looks at a value. */
@Tag("engine")
class BertFusedGoldenTest extends BertGoldenTest {
    @Override
    Replica.Kernels kernels() {
        return new Replica.Kernels(true, Precision.FLOAT32, true);
    }
}
