package norma.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;

import norma.datasets.objectives.Objective;
import norma.trainer.bert.BertConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class StepBenchmarkTest {
    /** What transformers' num_parameters() gives for BertForMaskedLM and BertForPreTraining of bert-base-uncased. */
    @Test
    void parameters_areThoseOfHuggingFacesModels() {
        BertConfig base =
                new BertConfig(30522, null, null, null, null, null, null, null, null, null, null, null, null, null);

        assertThat(StepBenchmark.parameters(base, Objective.of("mlm", null, null)))
                .isEqualTo(109_514_298);
        assertThat(StepBenchmark.parameters(base, Objective.of("mlm+nsp", null, null)))
                .isEqualTo(110_106_428);
    }
}
