package norma.trainer.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.batches.Batch;
import norma.datasets.batches.HiddenTokens;
import norma.datasets.tokenizer.MaskedText;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.TokenProbability;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model with a query stream is asked for the blank, not read where a mask token stands. */
@Tag("engine")
class XlnetFillMaskTest {
    @Test
    void aPrediction_isTheQueryStreams(@TempDir Path folder) throws Exception {
        Path checkpoint = LetterCheckpoint.in(folder, "xlnet");
        String text = "a ship [MASK] to sea.";
        try (FillMaskModel model = FillMaskModel.open(checkpoint, Device.cpu(), 3);
                Predictor<String, Classifications> predictor = model.newPredictor();
                PretrainedModel xlnet = PretrainedModel.open(checkpoint, Device.cpu());
                Tokenizer tokenizer = Tokenizer.load(checkpoint.resolve("tokenizer.json"))) {
            MaskedText masked = MaskedText.of(tokenizer, SequenceFormat.XLNET, text, 64);
            int s = masked.ids().length;
            Batch batch = new Batch(
                            1, s, masked.ids(), masked.types(), new int[] {s}, masked.blanks(), new int[] {0}, null)
                    .hiding(HiddenTokens.fromAll(s, masked.blanks()));
            assertThat(masked.types()).endsWith(0, 2);
            try (BatchState state = xlnet.advance(batch, 0)) {
                List<TokenProbability> expected =
                        TokenProbability.top(xlnet.predictedLogits(state), 0, 101, 3, tokenizer);
                Classifications answer = predictor.predict(text);
                for (int i = 0; i < 3; i++) {
                    assertThat(answer.getClassNames().get(i))
                            .isEqualTo(expected.get(i).token());
                    assertThat(answer.getProbabilities().get(i))
                            .isCloseTo(expected.get(i).probability(), within(1e-6));
                }
            }
        }
    }
}
