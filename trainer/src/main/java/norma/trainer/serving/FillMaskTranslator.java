package norma.trainer.serving;

import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.MaskedText;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.device.DeviceReads;
import norma.trainer.pretrained.TokenProbability;

/**
 * From a text with one mask to the likeliest tokens there. It keeps nothing between calls but the tokenizer, whose
 * encoding is safe from many threads.
 */
final class FillMaskTranslator implements NoBatchifyTranslator<String, Classifications> {
    private static final String BLANK = "blank";

    private final Tokenizer tokenizer;
    private final SequenceFormat sequences;
    private final int maxLength;
    private final int count;

    FillMaskTranslator(Tokenizer tokenizer, SequenceFormat sequences, int maxLength, int count) {
        this.tokenizer = tokenizer;
        this.sequences = sequences;
        this.maxLength = maxLength;
        this.count = count;
    }

    /** Ids and token types, each (1, S), INT64. */
    @Override
    public NDList processInput(TranslatorContext context, String text) {
        JniUtils.setGradMode(false); // per thread, and on in every thread but the one that loaded the engine
        MaskedText masked = MaskedText.withBlank(tokenizer, sequences, text, maxLength);
        if (masked.blanks().length > 1) {
            throw InvalidInputException.of(
                    "text", tokenizer.token(tokenizer.maskId()), masked.blanks().length + " of them", "one");
        }
        context.setAttachment(BLANK, masked.blanks()[0]);
        long[] ids = Arrays.stream(masked.ids()).asLongStream().toArray();
        long[] types = Arrays.stream(masked.types()).asLongStream().toArray();
        Shape shape = new Shape(1, ids.length);
        return new NDList(
                context.getNDManager().create(ids, shape),
                context.getNDManager().create(types, shape));
    }

    @Override
    public Classifications processOutput(TranslatorContext context, NDList output) {
        int blank = (Integer) context.getAttachment(BLANK);
        NDArray logits = output.get(0).get(0).get(blank); // (1, S, V) to (V)
        float[] values = DeviceReads.copy(logits);
        List<TokenProbability> best = TokenProbability.top(values, 0, values.length, count, tokenizer);
        return new Classifications(
                best.stream().map(TokenProbability::token).toList(),
                best.stream().map(TokenProbability::probability).toList());
    }
}
