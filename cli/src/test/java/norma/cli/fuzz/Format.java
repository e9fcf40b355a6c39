package norma.cli.fuzz;

import java.nio.file.Path;
import java.util.List;

/**
 * A kind of file that Norma reads, with a sample of it and a reader.
 *
 * @param name of the format
 * @param sample the folder with the sample's files
 * @param damaged the files in it that are damaged, one at a time
 * @param share of the cases, beside the others'
 * @param reader reads the folder
 * @param guarded whether something beside each file says what it should be, so that to read it otherwise is a failure
 * @param trains whether its reader trains a model, which a process does once at a time
 */
record Format(
        String name, Path sample, List<String> damaged, int share, Reader reader, boolean guarded, boolean trains) {
    /** A format that may read as something else. */
    Format(String name, Path sample, List<String> damaged, int share, Reader reader) {
        this(name, sample, damaged, share, reader, false, false);
    }

    /** The same, guarded. */
    Format withGuard() {
        return new Format(name, sample, damaged, share, reader, true, trains);
    }

    /** The same, with a reader that trains. */
    Format withTraining() {
        return new Format(name, sample, damaged, share, reader, guarded, true);
    }

    /** Reads a folder as Norma's commands do. */
    @FunctionalInterface
    interface Reader {
        /**
         * What was understood, as a text that is the same for the same content.
         *
         * @param folder a copy of the sample, which may be written to
         * @throws norma.datasets.base.InvalidInputException the one right answer to damage
         */
        String read(Path folder) throws Exception;
    }
}
