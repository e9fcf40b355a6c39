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
 */
record Format(String name, Path sample, List<String> damaged, int share, Reader reader) {
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
