package norma.probes.fill;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Target;
import norma.datasets.tokenizer.MaskedText;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.TokenProbability;

/**
 * Fills blanks with as many tokens as belong there (Lewis et al. 2020, section 2.2, text infilling): the encoder reads
 * the text with its blanks; the decoder is given what stands before a blank and writes on, each time the likeliest
 * token, until it writes the one that stands after the blank, or ends the text; neither is part of the blank. What it
 * wrote belongs to what it is given for the blanks that follow. By the whole model, ablated, and with as many random
 * dimensions ablated.
 *
 * @param bert with a language-model head on a decoder
 * @param tokenizer the model's
 * @param contrast what is switched off; of its random draws the first
 * @param top how many tokens are listed that may be the first in a blank
 * @param length tokens of a blank at most
 */
public record BlankDecoding(PretrainedModel bert, Tokenizer tokenizer, AblationContrast contrast, int top, int length)
        implements TextFilling {
    /**
     * Checks that they fit.
     *
     * @throws norma.datasets.base.InvalidInputException if the model has no language-model head, the tokenizer has more
     *     tokens than the model embeddings, or a number is out of its range
     */
    public BlankDecoding {
        TextFilling.requireFits(bert, tokenizer, top);
        TextFilling.requireLength(length);
    }

    @Override
    public Filled fill(List<String> texts) {
        List<InfilledText> filled = texts.stream().map(this::filled).toList();
        return new Filled(FillJson.ofInfilled(contrast, filled), FillText.ofInfilled(contrast, filled));
    }

    /**
     * Fills the blanks of one text.
     *
     * @throws norma.datasets.base.InvalidInputException if it is empty or too long, or has no blank
     */
    InfilledText filled(String text) {
        MaskedText masked = MaskedText.withBlank(
                tokenizer, bert.sequences(), text, bert.config().longestSequence());
        List<String> tokens =
                Arrays.stream(masked.ids()).mapToObj(tokenizer::token).toList();
        List<Continuation> full = without(List.of(), masked);
        return contrast.ablated().isEmpty()
                ? new InfilledText(masked, tokens, full, null, null)
                : new InfilledText(
                        masked,
                        tokens,
                        full,
                        without(contrast.ablated(), masked),
                        without(contrast.random().get(0), masked));
    }

    private List<Continuation> without(List<Integer> dimensions, MaskedText masked) {
        return AblationContrast.without(bert, dimensions, () -> blanks(masked));
    }

    private List<Continuation> blanks(MaskedText masked) {
        List<Continuation> blanks = new ArrayList<>();
        int[] said = {};
        int from = 0;
        for (int blank : masked.blanks()) {
            said = joined(said, Arrays.copyOfRange(masked.ids(), from, blank));
            int after = blank + 1 < masked.ids().length ? masked.ids()[blank + 1] : -1;
            Continuation written = blank(masked, said, after);
            blanks.add(written);
            said = joined(
                    said,
                    written.tokens().stream().mapToInt(TokenProbability::id).toArray());
            from = blank + 1;
        }
        return blanks;
    }

    /**
     * What is written into a blank.
     *
     * @param said what stands before it
     * @param after the token that stands after it; -1 if none does
     */
    private Continuation blank(MaskedText masked, int[] said, int after) {
        List<TokenProbability> first = next(masked, said);
        List<TokenProbability> written = new ArrayList<>();
        int[] ids = said;
        TokenProbability likeliest = first.get(0);
        int end = tokenizer.id(bert.sequences().documentEnd()).orElse(-1);
        while (likeliest.id() != after
                && likeliest.id() != end
                && written.size() < length
                && ids.length + 1 < bert.config().longestSequence()) {
            written.add(likeliest);
            ids = joined(ids, new int[] {likeliest.id()});
            likeliest = next(masked, ids).get(0);
        }
        int[] known = written.stream()
                .mapToInt(TokenProbability::id)
                .filter(id -> id < tokenizer.vocabularySize())
                .toArray();
        return new Continuation(written, tokenizer.decode(known), first);
    }

    /** The likeliest tokens after some that the decoder has said, likeliest first. */
    private List<TokenProbability> next(MaskedText masked, int[] said) {
        int[] read = new int[said.length + 1];
        read[0] = bert.config().decoderStartId().orElseThrow();
        System.arraycopy(said, 0, read, 1, said.length);
        int s = masked.ids().length;
        int[] last = {said.length};
        Batch batch = new Batch(1, s, masked.ids(), masked.types(), new int[] {s}, last, new int[1], null)
                .with(new Target(read.length, read, new int[] {read.length}));
        try (BatchState state = bert.advance(batch, 0)) {
            float[] logits = bert.predictedLogits(state); // (1, V)
            return TokenProbability.top(logits, 0, bert.config().vocabSize(), top, tokenizer);
        }
    }

    private static int[] joined(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
