package norma.datasets.corpus;

import ai.djl.basicdataset.BasicDatasets;
import ai.djl.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;

/**
 * A text set of DJL's, fetched from DJL's repository the first time and kept where DJL keeps its downloads
 * ({@code ~/.djl.ai}, or {@code DJL_CACHE_DIR}).
 *
 * @param set which
 * @param repository where from
 */
record TextSetCorpus(TextSet set, Repository repository) implements Corpus {

    /** From DJL's own repository. */
    TextSetCorpus(TextSet set) {
        this(set, BasicDatasets.REPOSITORY);
    }

    @Override
    public Documents open() {
        return set.documents(fetched());
    }

    @Override
    public String fingerprint() {
        return set.key() + "\n" + InputFiles.fingerprint(set.files(fetched()));
    }

    @Override
    public String name() {
        return "data.corpus: " + set.key();
    }

    private Path fetched() {
        try {
            return new RepositoryFile(
                            repository,
                            set.group(),
                            set.artifact(),
                            set.version(),
                            set.filter(),
                            set.item(),
                            set.path())
                    .fetch();
        } catch (IOException e) {
            throw new InvalidInputException(
                    "data.corpus: " + set.key() + " has to be fetched from " + repository.getBaseUri()
                            + ", which does not work (" + e + "), expected an internet connection, or another corpus: "
                            + "wordnet comes with the program, text reads files of yours",
                    e);
        }
    }
}
