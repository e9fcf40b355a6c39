package norma.datasets.corpus;

import norma.datasets.DataConfig;

/** A source of documents, in an order that does not change. */
public sealed interface Corpus permits WordNetCorpus, TextCorpus, TableCorpus, WikiText2Corpus {
    /**
     * A fresh pass.
     *
     * @throws norma.datasets.InvalidInputException if a file is missing or unreadable, or not what it should be
     */
    Documents open();

    /**
     * What tells this corpus and its present content from others, without reading it: of files their path, size and
     * times of change.
     */
    String fingerprint();

    /** The corpus that a configuration names. */
    static Corpus of(DataConfig config) {
        return switch (config.corpus()) {
            case "wordnet" -> new WordNetCorpus();
            case "text" -> new TextCorpus(config.paths(), config.documents().equals("paragraph"));
            case "jsonl" -> new TableCorpus(TableCorpus.Format.JSON_LINES, config.paths(), config.column());
            case "parquet" -> new TableCorpus(TableCorpus.Format.PARQUET, config.paths(), config.column());
            case "wikitext-2" -> new WikiText2Corpus();
            default -> throw new IllegalArgumentException(config.corpus());
        };
    }
}
