package norma.datasets.corpus;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A source of documents, in an order that does not change. */
public sealed interface Corpus permits WordNetCorpus, TextCorpus, JsonLinesCorpus, ParquetCorpus, TextSetCorpus {
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

    /** Where the sentences of its documents end. */
    default SentenceRule sentences() {
        return SentenceRule.PUNCTUATION;
    }

    /** What messages call it: its paths; of one that has its own text the key and the value that chose it. */
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

    /**
     * The corpus of a key.
     *
     * @param key one of {@link #keys}
     * @param paths files, folders and globs of a corpus that reads some
     * @param column of JSON Lines and Parquet
     * @param unit what a document is in files of text, and where the sentences of documents end
     */
    static Corpus of(String key, List<String> paths, String column, DocumentUnit unit) {
        return switch (key) {
            case "wordnet" -> new WordNetCorpus();
            case "text" -> new TextCorpus(paths, unit);
            case "jsonl" -> new JsonLinesCorpus(paths, column, unit.sentences());
            case "parquet" -> new ParquetCorpus(paths, column, unit.sentences());
            default -> TextSet.named(key).map(TextSetCorpus::new).orElseThrow(() -> new IllegalArgumentException(key));
        };
    }
}
