package norma.probes.fill;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.model.Head;
import norma.trainer.pretrained.MissingHead;
import norma.trainer.pretrained.PretrainedModel;

/**
 * What a model writes for texts: a token into each blank if it predicts masked tokens, as many as belong there if its
 * decoder says the whole text, and after the end of the text if it predicts the next token.
 */
public sealed interface TextFilling permits BlankFilling, BlankDecoding, TextContinuation {
    /** Tokens of a continuation, or of a blank that takes several, where nobody says. */
    int DEFAULT_LENGTH = 20;

    /**
     * What is asked of a model; what is null was left to its default.
     *
     * @param top how many tokens a blank, or what comes next, lists
     * @param everyToken whether each text is also predicted anew, token by token
     * @param length tokens of a continuation, or of a blank that takes several, at most
     * @param topK of how many likeliest tokens each one of a continuation is drawn; null: it is the likeliest
     * @param seed of the draws
     */
    record Wish(int top, boolean everyToken, Integer length, Integer topK, long seed) {}

    /**
     * What came of it.
     *
     * @param json without its head
     * @param text for people
     */
    record Filled(ObjectNode json, String text) {}

    /** Fills, or continues, texts. */
    Filled fill(List<String> texts);

    /**
     * The way of a model.
     *
     * @throws InvalidInputException if the model has no language-model head, the tokenizer has more tokens than the
     *     model embeddings, a number is out of its range, or a wish is not for such a model
     */
    static TextFilling of(PretrainedModel bert, Tokenizer tokenizer, AblationContrast contrast, Wish wish) {
        if (bert.objective().fillsBlanks()) {
            String blanks = "none: " + bert.folder() + " fills blanks, it continues no text";
            requireNone("length", wish.length(), blanks);
            requireNone("top_k", wish.topK(), blanks);
            return new BlankFilling(bert, tokenizer, contrast, wish.top(), wish.everyToken());
        }
        int length = wish.length() == null ? DEFAULT_LENGTH : wish.length();
        if (bert.objective().decodes()) {
            requireNone("top_k", wish.topK(), "none: " + bert.folder() + " fills blanks with the likeliest tokens");
            requireNone(
                    "every_token",
                    wish.everyToken() ? true : null,
                    "none: " + bert.folder() + " writes what belongs at a blank, after the text before it");
            return new BlankDecoding(bert, tokenizer, contrast, wish.top(), length);
        }
        requireNone(
                "every_token",
                wish.everyToken() ? true : null,
                "none: " + bert.folder() + " predicts the next token, not the one that stands there");
        int topK = wish.topK() == null ? 1 : wish.topK();
        return new TextContinuation(bert, tokenizer, contrast, wish.top(), length, topK, wish.seed());
    }

    private static void requireNone(String key, Object value, String expected) {
        if (value != null) {
            throw InvalidInputException.setting(key, value, expected);
        }
    }

    /**
     * Refuses a model or tokenizer that nothing can be predicted with.
     *
     * @param top how many tokens are listed
     */
    static void requireFits(PretrainedModel bert, Tokenizer tokenizer, int top) {
        if (!bert.heads().contains(Head.LANGUAGE_MODEL)) {
            throw MissingHead.of(bert.folder(), bert.heads(), Head.LANGUAGE_MODEL, "to predict tokens with");
        }
        bert.tables()
                .requireVocabulary(
                        new CheckpointFiles(bert.folder()).tokenizer().toString(), tokenizer.vocabularySize());
        requireOfVocabulary(bert, "top", top);
    }

    /** Refuses a number of tokens that is no number of tokens. */
    static void requireLength(int length) {
        if (length < 1) {
            throw InvalidInputException.setting("length", length, "a whole number of at least 1");
        }
    }

    /** Refuses a number of tokens that there are not. */
    static void requireOfVocabulary(PretrainedModel bert, String key, int count) {
        int vocabulary = bert.config().vocabSize();
        if (count < 1 || count > vocabulary) {
            throw InvalidInputException.setting(key, count, "1 to " + vocabulary + ", the vocabulary's size");
        }
    }
}
