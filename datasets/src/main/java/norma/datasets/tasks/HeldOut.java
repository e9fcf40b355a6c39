package norma.datasets.tasks;

import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;

/** Where the held-out examples of a task of one's own come from. */
public sealed interface HeldOut {
    /** A file of their own. */
    record InFile(Path file) implements HeldOut {}

    /**
     * A share of the training file's examples, chosen by their texts; see {@link SharedTexts#split}.
     *
     * @param share above 0 and below 1
     */
    record Share(double share) implements HeldOut {
        /** Checks the share. */
        public Share {
            if (!(share > 0 && share < 1)) {
                throw InvalidInputException.of(
                        "task", "dev_share", share, "a share of the training file, above 0 and below 1");
            }
        }
    }
}
