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
    private static final String OFFLINE = "ai.djl.offline";

    /**
     * Where it lies, once it is fetched. What was fetched before is found without a connection.
     *
     * @throws IOException if it was not fetched before and the repository cannot be reached or stops sending, or if the
     *     repository has no such file
     */
    public Path fetch() throws IOException {
        PatientFetch patient = new PatientFetch(repository);
        MRL location = repository.dataset(Application.NLP.ANY, group, artifact, version);
        Artifact found = match(location, patient);
        return patient.call(progress -> prepare(location, found, progress));
    }

    /** What the repository says about the artifact; if it does not answer, what it said the last time. */
    private Artifact match(MRL location, PatientFetch patient) throws IOException {
        try {
            return patient.call(progress -> location.match(filter));
        } catch (IOException e) {
            Path said = repository.getCacheDirectory().resolve(location.toURI().getPath());
            if (!Files.exists(said.resolve("metadata.json"))) {
                throw e; // DJL would ask once more
            }
            Artifact found = matchOffline(location, patient);
            if (found != null && !location.isPrepared(found)) {
                throw e;
            }
            return found;
        }
    }

    /** In DJL's offline mode the metadata that DJL keeps serves however old it is; otherwise, for a day. */
    private Artifact matchOffline(MRL location, PatientFetch patient) throws IOException {
        synchronized (RepositoryFile.class) { // the mode is a property of the process
            String before = System.setProperty(OFFLINE, "true");
            try {
                return patient.call(progress -> location.match(filter));
            } finally {
                if (before == null) {
                    System.clearProperty(OFFLINE);
                } else {
                    System.setProperty(OFFLINE, before);
                }
            }
        }
    }

    private Path prepare(MRL location, Artifact found, Progress progress) throws IOException {
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
