package norma.probes.fill;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.batches.HiddenTokens;
import norma.datasets.tokenizer.MaskedText;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.TokenProbability;

/**
 * Fills blanks with a model's predictions: whole, ablated, and with as many random dimensions ablated. Each text is a
 * batch of its own, so that no prediction depends on the texts beside it.
 *
 * @param bert with a masked-LM head
 * @param tokenizer the model's
 * @param contrast what is switched off; of its random draws the first
 * @param top how many tokens a blank lists
 * @param everyToken whether each text is also predicted anew, token by token
 */
public record BlankFilling(
        PretrainedModel bert, Tokenizer tokenizer, AblationContrast contrast, int top, boolean everyToken)
        implements TextFilling {
    /**
     * Checks that they fit.
     *
     * @throws InvalidInputException if the model has no masked-LM head, the tokenizer has more tokens than the model
     *     embeddings, or {@code top} is not between 1 and the vocabulary's size
     */
    public BlankFilling {
        TextFilling.requireFits(bert, tokenizer, top);
    }

    @Override
    public Filled fill(List<String> texts) {
        List<FilledText> filled = texts.stream().map(this::fill).toList();
        return new Filled(FillJson.of(contrast, filled), FillText.of(contrast, filled));
    }

    /**
     * Fills the blanks of one text.
     *
     * @throws InvalidInputException if it is empty or too long, or has no blank though not every token is predicted
     */
    public FilledText fill(String text) {
        int longest = bert.config().longestSequence();
        MaskedText masked = everyToken
                ? MaskedText.of(tokenizer, bert.sequences(), text, longest)
                : MaskedText.withBlank(tokenizer, bert.sequences(), text, longest);
        int[] ids = masked.ids();
        int[] asked = everyToken
                ? IntStream.range(masked.textStart(), masked.textEnd()).toArray()
                : masked.blanks().clone();
        Batch shown = new Batch(
                1, ids.length, ids, masked.types(), new int[] {ids.length}, asked, new int[asked.length], null);
        Batch batch = bert.objective().hidesByOrder()
                ? shown.hiding(HiddenTokens.fromAll(ids.length, masked.blanks()))
                : shown;
        List<String> tokens = Arrays.stream(ids).mapToObj(tokenizer::token).toList();
        try (BatchState state = bert.advance(batch, 0)) {
            Filling full = filling(masked, state, List.of());
            if (contrast.ablated().isEmpty()) {
                return new FilledText(masked, tokens, full, null, null);
            }
            Filling ablated = filling(masked, state, contrast.ablated());
            Filling random = filling(masked, state, contrast.random().get(0));
            return new FilledText(masked, tokens, full, ablated, random);
        }
    }

    private Filling filling(MaskedText masked, BatchState state, List<Integer> off) {
        int vocabulary = bert.config().vocabSize();
        float[] logits = AblationContrast.without(bert, off, () -> bert.predictedLogits(state)); // (M, V)
        int[] asked = state.batch().predictedPositions();
        List<List<TokenProbability>> blanks = new ArrayList<>();
        for (int blank : masked.blanks()) {
            int row = Arrays.binarySearch(asked, blank);
            blanks.add(TokenProbability.top(logits, row, vocabulary, top, tokenizer));
        }
        return new Filling(blanks, everyToken ? reprediction(masked, logits, asked) : null);
    }

    private Reprediction reprediction(MaskedText masked, float[] logits, int[] asked) {
        int vocabulary = bert.config().vocabSize();
        List<String> tokens = new ArrayList<>();
        int[] predicted = new int[asked.length];
        int kept = 0;
        for (int row = 0; row < asked.length; row++) {
            TokenProbability best =
                    TokenProbability.top(logits, row, vocabulary, 1, tokenizer).get(0);
            tokens.add(best.token());
            predicted[row] = best.id();
            boolean blank = Arrays.binarySearch(masked.blanks(), asked[row]) >= 0;
            if (!blank && best.id() == masked.ids()[asked[row]]) {
                kept++;
            }
        }
        int[] known = Arrays.stream(predicted)
                .filter(id -> id < tokenizer.vocabularySize())
                .toArray();
        return new Reprediction(tokens, tokenizer.decode(known), kept, asked.length - masked.blanks().length);
    }
}
