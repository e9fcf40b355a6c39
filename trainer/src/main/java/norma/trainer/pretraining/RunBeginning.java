package norma.trainer.pretraining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.TextFile;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.run.Provenance;
import norma.trainer.run.RunFiles;

/** What a run was when it began, to hold against what its files and its data are now. */
record RunBeginning(RunFiles files, Provenance provenance) {
    /**
     * Refuses a configuration that was changed since.
     *
     * @throws InvalidInputException if config.yaml is not what provenance.json notes; older runs noted nothing
     */
    void requireSameConfig() {
        if (!provenance.knowsConfig(Hashes.sha256(TextFile.read(files.config(), "the run's configuration")))) {
            throw new InvalidInputException(
                    files.config()
                            + ": was changed since the run began, expected it as it was: other settings need a run of their own");
        }
    }

    /**
     * Refuses data that the run did not begin with.
     *
     * @throws InvalidInputException if tokenizer or corpus is another
     */
    void requireSameData(PretrainingData data) {
        if (!provenance.corpusSha256().equals(data.corpusSha256())) {
            throw new InvalidInputException(files.config() + ": data: the text has changed since the run began"
                    + changed(data.files()) + ", expected it as it was (SHA-256 " + provenance.corpusSha256()
                    + ", now " + data.corpusSha256() + ")");
        }
        if (!TextFile.read(files.tokenizer(), "the run's tokenizer.json")
                .equals(data.tokenizer().json())) {
            throw new InvalidInputException(
                    files.tokenizer() + ": differs from the tokenizer that config.yaml now gives, expected the same");
        }
    }

    /** Those of the files that were written after the run had begun; they need not be what has changed. */
    private String changed(List<Path> text) {
        List<String> later = provenance.started().stream()
                .flatMap(began -> text.stream().filter(file -> isLater(file, began)))
                .map(Path::toString)
                .toList();
        return later.isEmpty()
                ? ""
                : " (written since: " + later.get(0) + (later.size() > 1 ? " and " + (later.size() - 1) + " more" : "")
                        + ")";
    }

    private static boolean isLater(Path file, Instant moment) {
        try {
            return Files.getLastModifiedTime(file).toInstant().isAfter(moment);
        } catch (IOException e) {
            return false;
        }
    }
}
