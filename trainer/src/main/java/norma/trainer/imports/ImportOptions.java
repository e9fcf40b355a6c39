package norma.trainer.imports;

import norma.datasets.tokenizer.Casing;
import norma.datasets.tokenizer.TokenizerChoices;

/**
 * What the user knows and a source may not say.
 *
 * @param heads number of attention heads; 0: as the source says, or hidden_size / 64
 * @param casing whether the tokenizer lower-cases, over what the source says; {@link Casing#FROM_SOURCE}: as it says,
 *     or else as names and tokens suggest
 * @param ignoreTokenizerSettings whether settings that ask for a tokenizer that is not here are set aside
 */
public record ImportOptions(int heads, Casing casing, boolean ignoreTokenizerSettings) {
    /** Nothing known. */
    public static final ImportOptions NONE = new ImportOptions(0, Casing.FROM_SOURCE, false);

    ImportOptions withHeads(int count) {
        return new ImportOptions(count, casing, ignoreTokenizerSettings);
    }

    /** How the tokenizer of a model is read whose name is known. */
    TokenizerChoices tokenizer(String modelName) {
        return new TokenizerChoices(casing, Casing.FROM_SOURCE, modelName, ignoreTokenizerSettings);
    }
}
