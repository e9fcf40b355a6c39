package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.MaskedLm;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.evaluation.Scores;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("engine")
class ReadBatchesTest {
    private static final Batch BATCH = GoldenFixture.of("bert").batch();
    private static final List<Batch> BATCHES = List.of(BATCH, BATCH, BATCH);

    @Test
    void scores_areTheSame_howeverManyBatchesAreKept() {
        LanguageModelEvaluation evaluation = new LanguageModelEvaluation("test", MaskedLm.STANDARD, BATCHES);
        try (PretrainedModel model =
                PretrainedModel.open(GoldenFixture.of("bert").folder(), Device.cpu())) {
            List<Scores> scores = new ArrayList<>();
            for (long most : new long[] {Long.MAX_VALUE, 2 * bytes(model), 0}) {
                try (AblationStudy study =
                        AblationStudy.open(model, evaluation, AblationPlace.PAPER, most, Progress.NONE)) {
                    scores.add(study.full());
                    scores.add(study.ablated(List.of(3, 7)));
                }
            }
            assertThat(scores.get(1)).isNotEqualTo(scores.get(0));
            for (int i = 2; i < scores.size(); i++) {
                assertThat(scores.get(i)).isEqualTo(scores.get(i % 2));
            }
        }
    }

    private static long bytes(PretrainedModel model) {
        return 4L * BATCH.rows() * BATCH.length() * model.config().hiddenSize();
    }

    @Test
    void noMoreAreKeptThanFit_andOneThatIsReadAnewIsThereUntilTheNext() {
        try (PretrainedModel model =
                        PretrainedModel.open(GoldenFixture.of("bert").folder(), Device.cpu());
                ReadBatches all = ReadBatches.of(model, BATCHES, 1, 3 * bytes(model), Progress.NONE);
                ReadBatches two = ReadBatches.of(model, BATCHES, 1, 3 * bytes(model) - 1, Progress.NONE);
                ReadBatches none = ReadBatches.of(model, BATCHES, 1, bytes(model) - 1, Progress.NONE)) {
            assertThat(List.of(all.kept(), two.kept(), none.kept())).containsExactly(3, 2, 0);
            float[] logits = model.predictedLogits(all.iterator().next());
            for (ReadBatches read : List.of(all, two, none, none)) {
                Iterator<BatchState> states = read.iterator();
                for (int i = 0; i < 3; i++) {
                    assertThat(model.predictedLogits(states.next())).containsExactly(logits);
                }
                assertThat(states.hasNext()).isFalse();
                assertThatThrownBy(states::next).isInstanceOf(NoSuchElementException.class);
            }
            Iterator<BatchState> states = none.iterator();
            BatchState first = states.next();
            states.next();
            assertThatThrownBy(() -> model.predictedLogits(first)).isInstanceOf(IllegalStateException.class);
        }
    }
}
