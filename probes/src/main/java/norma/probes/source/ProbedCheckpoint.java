package norma.probes.source;

import java.nio.file.Path;
import java.util.OptionalLong;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.datasets.objectives.Objective;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.model.ModelConfig;
import norma.trainer.pretrained.PretrainedFolder;

/**
 * A checkpoint folder.
 *
 * @param folder in Hugging Face's layout
 * @param step of the run that it belongs to; empty for a model from elsewhere
 */
public record ProbedCheckpoint(
        @PublicApi Path folder, @PublicApi OptionalLong step) {
    /**
     * Its tokenizer, to be closed by the caller.
     *
     * @throws InvalidInputException if it has none, or one that cannot be read
     */
    public Tokenizer tokenizer() {
        return Tokenizer.load(tokenizerFile());
    }

    /**
     * The file of its tokenizer.
     *
     * @throws InvalidInputException if it has none
     */
    public Path tokenizerFile() {
        return new CheckpointFiles(folder).requireTokenizer();
    }

    /** Tokens of the longest sequence that its model takes, special ones counted. */
    public int longestSequence() {
        return PretrainedFolder.config(folder).longestSequence();
    }

    /**
     * Tokens of a labelled text at most, special ones counted, where nobody says otherwise: what its tokenizer's
     * settings say ({@code model_max_length}), with which a model of Norma's was fine-tuned, or all that its model
     * takes.
     *
     * @param tokenizer its own
     */
    public int textLength(Tokenizer tokenizer) {
        return Math.min(longestSequence(), tokenizer.longestSequence().orElse(Integer.MAX_VALUE));
    }

    /** The shape of its model. */
    public ModelConfig config() {
        return PretrainedFolder.config(folder);
    }

    /** What its model is measured by where no run says so. */
    public Objective standardObjective() {
        return PretrainedFolder.objective(folder);
    }

    /** How texts are framed for its model. */
    public SequenceFormat sequences() {
        return PretrainedFolder.architecture(folder).sequences();
    }
}
