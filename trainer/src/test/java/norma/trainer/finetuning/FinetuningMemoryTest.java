package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import norma.datasets.base.InvalidInputException;
import norma.trainer.bert.BertConfig;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.config.MicroBatchSize;
import norma.trainer.config.TaskConfig;
import norma.trainer.run.RunListener;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class FinetuningMemoryTest {
    private static final double GIBIBYTE = 1L << 30;

    private static final BertConfig BASE =
            new BertConfig(30522, 768, 12, 12, 3072, "gelu", 0.1, 0.1, 512, 2, 1e-12, 0.02, 0, null);

    private static final BertConfig TINY =
            new BertConfig(30522, 128, 2, 2, 512, "gelu", 0.1, 0.1, 512, 2, 1e-12, 0.02, 0, null);

    private static FinetuningMemory memory(Integer microBatchSize) {
        return memory(microBatchSize, BASE, Device.cpu());
    }

    private static FinetuningMemory memory(Integer microBatchSize, BertConfig model, Device device) {
        FinetuneConfig config = new FinetuneConfig(
                "model",
                new TaskConfig(null, null, null, "train.tsv", "dev.tsv", null, "text", null, "label", null, null),
                "cpu",
                null,
                1L,
                1,
                1,
                32,
                microBatchSize == null ? null : new MicroBatchSize(microBatchSize),
                128,
                null,
                null,
                null,
                null);
        return new FinetuningMemory(config, model, 2, device);
    }

    @Test
    void bertBaseWith32ExamplesOf128Tokens_holds5GibibytesOfArrays() {
        assertThat(memory(null).of(32).step().bytes() / GIBIBYTE).isBetween(4.5, 5.5);
        assertThat(memory(8).of(8).step().bytes() / GIBIBYTE).isBetween(2.3, 3.3);
    }

    /** The batch in the fewest equal parts: 32, 16, 11, 8, … */
    @Test
    void auto_isTheLargestPartOfTheBatchThatFits() {
        FinetuningMemory batch = memory(null);
        assertThat(batch.largest(batch.of(32).bytes())).isEqualTo(32);
        assertThat(batch.largest(batch.of(32).bytes() - 1)).isEqualTo(16);
        assertThat(batch.largest(batch.of(16).bytes() - 1)).isEqualTo(11);
        assertThat(batch.largest(batch.of(10).bytes())).isEqualTo(8);
        assertThat(batch.largest(1)).isEqualTo(1);
    }

    /** Half a batch of BERT-Base keeps 1.7 GiB of activations, a whole one of BERT-Tiny far less. */
    @Test
    void byDefault_aCpuKeepsAtMost2GibibytesOfActivations_andACardAllOfTheBatch() {
        assertThat(memory(null).usual()).isEqualTo(16);
        assertThat(memory(null).of(16).step().kept() / GIBIBYTE).isLessThan(2);
        assertThat(memory(null).of(32).step().kept() / GIBIBYTE).isGreaterThan(2);
        assertThat(memory(null, TINY, Device.cpu()).usual()).isEqualTo(32);
        assertThat(memory(null, BASE, Device.gpu()).usual()).isEqualTo(32);
    }

    @Test
    void whatDoesNotFit_isRefusedWithTheMicroBatchThatDoes() {
        double room = memory(null).of(16).bytes();
        memory(16).require(RunListener.NONE, room);
        assertThatThrownBy(() -> memory(32).require(RunListener.NONE, room))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("finetune: micro_batch_size: found 32, expected at most about 16 or a smaller"
                        + " setting `max_length`: 32 examples of 128 tokens in memory at once take about ")
                .hasMessageEndingWith(" free in this machine");
        assertThatThrownBy(() -> memory(32).require(RunListener.NONE, 1000))
                .hasMessageContaining("expected a smaller model or a smaller setting");
    }
}
