package norma.trainer.step;

import ai.djl.Device;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.trainer.golden.GoldenFixture;
import org.junit.jupiter.api.Tag;

/** The same reference with a replica of the model for each sequence of the batch. */
@Tag("engine")
class BertReplicasGoldenTest extends BertGoldenTest {
    @Override
    List<Device> devices() {
        return Collections.nCopies(GoldenFixture.of("bert").batch().rows(), Device.cpu());
    }

    @Override
    List<Batch> microBatches(Batch whole) {
        return IntStream.range(0, whole.rows())
                .mapToObj(row -> SyntheticBatches.rows(whole, row, row + 1))
                .toList();
    }
}
