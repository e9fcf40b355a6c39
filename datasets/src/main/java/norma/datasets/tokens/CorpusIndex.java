package norma.datasets.tokens;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.CorpusSummary;
import norma.datasets.corpus.Documents;
import norma.datasets.files.DurableFiles;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Remembers what corpora hold, so that one whose files have not changed is not read again. */
public final class CorpusIndex {
    private static final Logger LOG = LoggerFactory.getLogger(CorpusIndex.class);
    private static final String CHECK = "check"; // SHA-256 over the other values
    private static final int FORMAT = 4; // of how documents are read and remembered; raise it when that changes
    private static final long REPORT_EVERY = 10_000;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;

    /** An index in a folder, which is made when something is put there. */
    public CorpusIndex(Path folder) {
        this.folder = folder;
    }

    /**
     * What a corpus holds, from memory if its fingerprint is known and else by reading it.
     *
     * @throws InvalidInputException if it cannot be read or has no text
     */
    public CorpusSummary summary(Corpus corpus, Progress progress) throws IOException {
        Path remembered = file(corpus);
        if (Files.exists(remembered)) {
            try {
                JsonObject json = JsonFile.read(remembered);
                CorpusSummary summary = new CorpusSummary(
                        json.text("sha256"),
                        json.wholeNumber("documents", 1),
                        json.wholeNumber("bytes", 1),
                        json.wholeNumber("textless", 0));
                if (json.text(CHECK).equals(check(summary))) {
                    return summary;
                }
                LOG.warn("damaged: {} differs from its {}; the text is read again", remembered, CHECK);
            } catch (InvalidInputException e) {
                LOG.warn("damaged: {}; the text is read again", e.getMessage());
            }
        }
        CorpusSummary summary = read(corpus, progress);
        Files.createDirectories(folder);
        ObjectNode json = MAPPER.valueToTree(summary);
        DurableFiles.write(remembered, MAPPER.writeValueAsBytes(json.put(CHECK, check(summary))));
        return summary;
    }

    private static String check(CorpusSummary summary) {
        return Hashes.sha256(
                summary.sha256() + "\n" + summary.documents() + "\n" + summary.bytes() + "\n" + summary.textless());
    }

    /** Forgets a corpus that turned out to be another than remembered. */
    void forget(Corpus corpus) throws IOException {
        Files.deleteIfExists(file(corpus));
    }

    private Path file(Corpus corpus) {
        return folder.resolve(
                Hashes.sha256(FORMAT + "\n" + corpus.fingerprint()).substring(0, 32) + ".json");
    }

    private static CorpusSummary read(Corpus corpus, Progress progress) {
        CorpusSummary.Builder summary = new CorpusSummary.Builder();
        long textless;
        try (Documents documents = corpus.open()) {
            while (documents.hasNext()) {
                summary.add(documents.next());
                if (summary.documents() % REPORT_EVERY == 0) {
                    progress.update("reading the corpus", summary.documents(), -1, "documents");
                }
            }
            textless = documents.textless();
        }
        if (summary.documents() == 0) {
            throw new InvalidInputException(
                    corpus.name() + ": found no text, expected at least one document with text");
        }
        return summary.build(textless);
    }
}
