package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.stream.Stream;
import norma.datasets.batches.Batch;
import norma.trainer.architectures.Architectures;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.Upload;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.reference.ReferenceFolder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a forward pass leaves behind when it is done. */
@Tag("engine")
class ForwardMemoryTest {
    static Stream<ReferenceFolder> fixtures() {
        return Architectures.ALL.stream().flatMap(one -> GoldenFixture.pretraining(one.modelType()).stream());
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void arraysThatAForwardPassLeaves_areNoMoreInADeeperModel(ReferenceFolder golden) {
        ModelConfig config = Architectures.config(golden.config(), golden + "/config.json");
        int left = left(config, golden);
        assertThat(left).isPositive();
        assertThat(left(config.deeper(3), golden)).isEqualTo(left);
    }

    private static int left(ModelConfig config, ReferenceFolder golden) {
        Batch batch = golden.batch();
        try (PretrainingLearner learner = Learners.of(
                        config,
                        golden.hyperparameters(),
                        golden.objective(),
                        1,
                        List.of(Device.cpu()),
                        Replica.Kernels.of(Device.cpu(), Precision.FLOAT32));
                NDManager scope = learner.manager().newSubManager()) {
            DeviceBatch inputs = new DeviceBatch(Upload.to(learner.manager()), scope, batch);
            learner.model().main().stages().forward(learner.inferencePass(), inputs);
            return scope.getManagedArrays().size();
        }
    }
}
