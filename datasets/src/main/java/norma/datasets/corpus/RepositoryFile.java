package norma.datasets.corpus;

import ai.djl.Application;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Repository;
import ai.djl.util.Progress;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A file or folder in a repository of DJL's, fetched the first time and kept where DJL keeps its downloads
 * ({@code ~/.djl.ai}, or {@code DJL_CACHE_DIR}).
 *
 * @param repository where from
 * @param filter which artifact, where there are several
 * @param item which of the artifact's files or folders
 * @param path where inside of it, empty for the item itself
 */
public record RepositoryFile(
        Repository repository,
        String group,
        String artifact,
        String version,
        Map<String, String> filter,
        String item,
        String path) {

    /**
     * Where it lies, once it is fetched.
     *
     * @throws IOException if the repository cannot be reached, has no such file, or stops sending
     */
    public Path fetch() throws IOException {
        return new PatientFetch(repository).call(this::prepare);
    }

    private Path prepare(Progress progress) throws IOException {
        MRL location = repository.dataset(Application.NLP.ANY, group, artifact, version);
        Artifact found = location.match(filter);
        Artifact.Item file = found == null ? null : found.getFiles().get(item);
        if (file == null) {
            throw new FileNotFoundException("the repository has no " + item + " of " + artifact);
        }
        location.prepare(found, progress);
        Path local = repository.getFile(file, path);
        if (!Files.exists(local)) {
            throw new FileNotFoundException(local + " is not among the fetched files");
        }
        return local;
    }

    /** A file, or all files below a folder in the order of their names. */
    public static List<Path> files(Path fileOrFolder) {
        return InputFiles.resolve(List.of(fileOrFolder.toString()), name -> true);
    }
}
