package norma.trainer.pretrained;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.objectives.ReplacedTokens;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.model.Head;

/** What is said of a model that lacks the head that it is asked for. */
public final class MissingHead {
    private MissingHead() {}

    /**
     * The sentence; of a discriminator it names the generator, where there is one.
     *
     * @param folder of the model
     * @param heads that it has
     * @param wanted the one that it lacks
     * @param purpose what that would be for, such as {@code to fill masks with}
     */
    public static InvalidInputException of(Path folder, Set<Head> heads, Head wanted, String purpose) {
        String expected = "one, " + purpose;
        if (wanted == Head.LANGUAGE_MODEL && heads.contains(Head.REPLACED_TOKENS)) {
            Path generator = folder.resolve(ReplacedTokens.GENERATOR);
            expected += ": this model is a discriminator, which tells replaced tokens from original ones"
                    + (Files.isRegularFile(new CheckpointFiles(generator).config())
                            ? "; its generator in " + generator + " has one"
                            : "");
        }
        return InvalidInputException.of(folder.toString(), wanted.label(), "none", expected);
    }
}
