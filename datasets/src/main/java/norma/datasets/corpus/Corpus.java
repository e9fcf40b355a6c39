package norma.datasets.corpus;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.DataConfig;

/** A source of documents, in an order that does not change. */
public sealed interface Corpus permits WordNetCorpus, TextCorpus, TableCorpus, TextSetCorpus {
    /**
     * A fresh pass.
     *
     * @throws norma.datasets.base.InvalidInputException if a file is missing or unreadable, or not what it should be
     */
    Documents open();

    /**
     * What tells this corpus and its present content from others, without reading it: of files their path, size and
     * times of change.
     */
    String fingerprint();

    /** What messages call it: the key and the value that chose it. */
    String name();

    /** Every value that {@code corpus} of a configuration may have. */
    static List<String> keys() {
        List<String> keys = new ArrayList<>(List.of("wordnet", "text", "jsonl", "parquet"));
        keys.addAll(TextSet.keys());
        return keys;
    }

    /**
     * The files that {@code data.paths} of a configuration leads to; none for a corpus that has its own text.
     *
     * @throws norma.datasets.base.InvalidInputException if a path leads to no file
     */
    default List<Path> files() {
        return List.of();
    }

    /** The corpus that a configuration names. */
    static Corpus of(DataConfig config) {
        return switch (config.corpus()) {
            case "wordnet" -> new WordNetCorpus();
            case "text" -> new TextCorpus(config.paths(), config.documents().equals("paragraph"));
            case "jsonl" -> new TableCorpus(TableCorpus.Format.JSON_LINES, config.paths(), config.column());
            case "parquet" -> new TableCorpus(TableCorpus.Format.PARQUET, config.paths(), config.column());
            default ->
                TextSet.named(config.corpus())
                        .map(TextSetCorpus::new)
                        .orElseThrow(() -> new IllegalArgumentException(config.corpus()));
        };
    }
}
