package norma.trainer.pretraining;

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
        String began = provenance.configSha256();
        if (!began.isEmpty()
                && !Hashes.sha256(TextFile.read(files.config(), "the run's configuration"))
                        .equals(began)) {
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
        if (!TextFile.read(files.tokenizer(), "the run's tokenizer.json")
                .equals(data.tokenizer().json())) {
            throw new InvalidInputException(
                    files.tokenizer() + ": differs from the tokenizer that config.yaml now gives, expected the same");
        }
        if (!provenance.corpusSha256().equals(data.corpusSha256())) {
            throw InvalidInputException.of(
                    files.provenance().toString(),
                    "data.corpus_sha256",
                    provenance.corpusSha256(),
                    "the corpus that config.yaml now gives, " + data.corpusSha256());
        }
    }
}
