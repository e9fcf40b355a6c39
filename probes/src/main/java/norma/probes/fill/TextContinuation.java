package norma.probes.fill;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.batches.Batch;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.MaskedText;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.TokenProbability;

/**
 * Continues texts token by token, each the likeliest one or drawn from the k likeliest (Fan, Lewis and Dauphin 2018,
 * "Hierarchical Neural Story Generation", section 5.3): by the whole model, ablated, and with as many random dimensions
 * ablated. The three draw with the same numbers. A text ends where the model ends it, or has no position left.
 *
 * @param bert with a language-model head that predicts the next token
 * @param tokenizer the model's
 * @param contrast what is switched off; of its random draws the first
 * @param top how many tokens are listed that may come next
 * @param length tokens of a continuation at most
 * @param topK of how many likeliest tokens one is drawn; 1: the likeliest is taken
 * @param seed of the draws, which are a function of it and the token's number
 */
public record TextContinuation(
        PretrainedModel bert, Tokenizer tokenizer, AblationContrast contrast, int top, int length, int topK, long seed)
        implements TextFilling {
    /**
     * Checks that they fit.
     *
     * @throws InvalidInputException if the model has no language-model head, the tokenizer has more tokens than the
     *     model embeddings, or a number is out of its range
     */
    public TextContinuation {
        TextFilling.requireFits(bert, tokenizer, top);
        TextFilling.requireOfVocabulary(bert, "top_k", topK);
        TextFilling.requireLength(length);
    }

    @Override
    public Filled fill(List<String> texts) {
        List<ContinuedText> continued = texts.stream().map(this::continued).toList();
        return new Filled(FillJson.ofContinued(contrast, continued), FillText.ofContinued(contrast, continued));
    }

    /**
     * Continues one text.
     *
     * @throws InvalidInputException if it is empty, or so long that nothing can follow
     */
    ContinuedText continued(String text) {
        int longest = bert.config().longestSequence();
        int[] ids = MaskedText.of(tokenizer, bert.sequences(), text, longest).ids();
        if (ids.length == longest) {
            throw InvalidInputException.of(
                    "text",
                    Quoted.excerpt(text),
                    ids.length + " tokens",
                    "at most " + (longest - 1) + ", for one follows");
        }
        List<String> tokens = Arrays.stream(ids).mapToObj(tokenizer::token).toList();
        Continuation full = without(List.of(), ids);
        return contrast.ablated().isEmpty()
                ? new ContinuedText(text, tokens, full, null, null)
                : new ContinuedText(
                        text,
                        tokens,
                        full,
                        without(contrast.ablated(), ids),
                        without(contrast.random().get(0), ids));
    }

    private Continuation without(List<Integer> dimensions, int[] ids) {
        return AblationContrast.without(bert, dimensions, () -> continuation(ids));
    }

    private Continuation continuation(int[] text) {
        int end = tokenizer.id(bert.sequences().documentEnd()).orElse(-1);
        int most = Math.min(bert.config().longestSequence(), text.length + length);
        int[] ids = text;
        List<TokenProbability> next = List.of();
        List<TokenProbability> tokens = new ArrayList<>();
        while (ids.length < most && (tokens.isEmpty() || ids[ids.length - 1] != end)) {
            List<TokenProbability> likeliest = next(ids, Math.max(top, topK));
            next = tokens.isEmpty() ? likeliest.subList(0, top) : next;
            TokenProbability chosen = likeliest.get(drawn(likeliest, tokens.size()));
            tokens.add(chosen);
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = chosen.id();
        }
        int[] known = IntStream.of(Arrays.copyOfRange(ids, text.length, ids.length))
                .filter(id -> id < tokenizer.vocabularySize())
                .toArray();
        return new Continuation(tokens, tokenizer.decode(known), next);
    }

    /** The likeliest tokens after some, likeliest first. */
    private List<TokenProbability> next(int[] ids, int count) {
        int[] last = {ids.length - 1};
        Batch batch =
                new Batch(1, ids.length, ids, new int[ids.length], new int[] {ids.length}, last, new int[1], null);
        try (BatchState state = bert.advance(batch, 0)) {
            float[] logits = bert.predictedLogits(state); // (1, V)
            return TokenProbability.top(logits, 0, bert.config().vocabSize(), count, tokenizer);
        }
    }

    /** Which of the likeliest tokens is taken, each with its share of the k likeliest ones' probability. */
    private int drawn(List<TokenProbability> likeliest, int number) {
        double all = likeliest.stream()
                .limit(topK)
                .mapToDouble(TokenProbability::probability)
                .sum();
        double left = CounterHash.uniform(CounterHash.key(seed, "continuation"), number) * all;
        int at = 0;
        while (at < topK - 1 && left >= likeliest.get(at).probability()) {
            left -= likeliest.get(at++).probability();
        }
        return at;
    }
}
