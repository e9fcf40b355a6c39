package norma.trainer.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.TokenizerFiles;

/**
 * Where everything in a checkpoint folder lies, in Hugging Face's layout. It only names paths: nothing is opened.
 *
 * @param folder the checkpoint's folder, or that of one of its networks
 */
public record CheckpointFiles(Path folder) {
    public static final String CONFIG = "config.json";
    public static final String WEIGHTS = "model.safetensors";
    public static final String TOKENIZER = TokenizerFiles.TOKENIZER_JSON;
    static final String TOKENIZER_CONFIG = TokenizerFiles.CONFIG;
    static final String OPTIMIZER = "optimizer.safetensors";
    static final String STATE = "state.json";
    static final String CARD = "README.md";
    static final String MANIFEST = "manifest.json";

    /** The model's configuration. */
    public Path config() {
        return folder.resolve(CONFIG);
    }

    /** The weights by Hugging Face name. */
    public Path weights() {
        return folder.resolve(WEIGHTS);
    }

    /** The tokenizer. */
    public Path tokenizer() {
        return folder.resolve(TOKENIZER);
    }

    /**
     * The tokenizer, which has to be there.
     *
     * @throws InvalidInputException if it is not
     */
    public Path requireTokenizer() {
        if (!Files.isRegularFile(tokenizer())) {
            throw new InvalidInputException(
                    folder + ": has no " + TOKENIZER + ", expected a checkpoint with its tokenizer");
        }
        return tokenizer();
    }

    /** How the tokenizer is used. */
    public Path tokenizerConfig() {
        return folder.resolve(TOKENIZER_CONFIG);
    }

    /** The optimiser's moments; only in a checkpoint that training can resume from. */
    public Path optimizer() {
        return folder.resolve(OPTIMIZER);
    }

    /** Step, seed, data position; only in a checkpoint that training can resume from. */
    public Path state() {
        return folder.resolve(STATE);
    }

    /** What the model is, for people and for the Hugging Face Hub. */
    public Path card() {
        return folder.resolve(CARD);
    }

    /** Size and SHA-256 of all the others; none in a folder that Norma did not write. */
    public Path manifest() {
        return folder.resolve(MANIFEST);
    }
}
