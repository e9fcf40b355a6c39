package norma.trainer.bert;

import norma.trainer.config.Precision;
import org.junit.jupiter.api.Tag;

/** The same reference against the functions that a GPU computes with, and the loss that never looks at a value. */
@Tag("engine")
class BertFusedGoldenTest extends BertGoldenTest {
    @Override
    BertReplica.Kernels kernels() {
        return new BertReplica.Kernels(true, Precision.FLOAT32, true);
    }
}
