package norma.datasets.tokenizer;

/**
 * What whoever reads a tokenizer knows about it beyond its files.
 *
 * @param casing over everything that the files say
 * @param vocabTxt what a {@code vocab.txt} is where no file beside it says; {@link Casing#FROM_SOURCE}: as its name and
 *     tokens suggest
 * @param modelName what may have "cased" or "uncased" in it
 * @param ignoreSettings whether settings that ask for a tokenizer that is not here are set aside, and the vocabulary is
 *     read as BERT's
 */
public record TokenizerChoices(Casing casing, Casing vocabTxt, String modelName, boolean ignoreSettings) {
    /** As the files say; a {@code vocab.txt} without settings is uncased. */
    public static final TokenizerChoices NONE = new TokenizerChoices(Casing.FROM_SOURCE, Casing.UNCASED, "", false);

    /** The same with {@link #ignoreSettings} as given. */
    public TokenizerChoices ignoringSettings(boolean ignored) {
        return new TokenizerChoices(casing, vocabTxt, modelName, ignored);
    }
}
