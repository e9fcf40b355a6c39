package norma.datasets.config;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.corpus.Corpus;

/**
 * The text of a run and what is made of it. A component that is null takes its default.
 *
 * @param corpus {@code wordnet} (embedded), {@code text}, {@code jsonl}, {@code parquet}, {@code wikitext-2} or another
 *     of DJL's text sets (fetched: penn-treebank, stanford-movie-review, amazon-reviews, goemotions,
 *     cooking-stackexchange, squad, tatoeba, ud-english-ewt)
 * @param paths files, folders or globs of {@code text}, {@code jsonl} and {@code parquet}
 * @param column of {@code jsonl} and {@code parquet}
 * @param documents what a document of {@code text} is: a {@code paragraph} (blank lines between) or a {@code file}
 * @param validationFraction share of documents held out, in [0, 1)
 * @param sequenceLength S, tokens of a sequence with its special tokens
 * @param packing {@code full}: sequences cut from the running text; {@code sentence}: one sentence each, padded
 * @param objective {@code mlm} or {@code mlm+nsp}
 * @param maskProbability that a token is predicted
 * @param wholeWordMasking whether the tokens of a word are chosen together
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DataConfig(
        String corpus,
        List<String> paths,
        String column,
        String documents,
        Double validationFraction,
        Integer sequenceLength,
        String packing,
        String objective,
        Double maskProbability,
        Boolean wholeWordMasking) {
    private static final String GROUP = "data";
    private static final Set<String> WITH_PATHS = Set.of("text", "jsonl", "parquet");

    public DataConfig {
        corpus = corpus == null ? "wordnet" : corpus;
        paths = paths == null ? List.of() : paths;
        require(paths.stream().noneMatch(path -> path == null || path.isBlank()), "paths", paths, "no empty entry");
        paths = List.copyOf(paths);
        column = column == null ? "text" : column;
        documents = documents == null ? "paragraph" : documents;
        validationFraction = validationFraction == null ? 0.02 : validationFraction;
        sequenceLength = sequenceLength == null ? 128 : sequenceLength;
        packing = packing == null ? "full" : packing;
        objective = objective == null ? "mlm" : objective;
        maskProbability = maskProbability == null ? 0.15 : maskProbability;
        wholeWordMasking = wholeWordMasking != null && wholeWordMasking;

        oneOf("corpus", corpus, Corpus.keys().toArray(String[]::new));
        oneOf("documents", documents, "paragraph", "file");
        oneOf("packing", packing, "full", "sentence");
        oneOf("objective", objective, "mlm", "mlm+nsp");
        if (WITH_PATHS.contains(corpus) == paths.isEmpty()) {
            throw InvalidInputException.of(
                    GROUP,
                    "paths",
                    paths,
                    paths.isEmpty()
                            ? "at least one file, folder or glob for corpus " + corpus
                            : "none, because corpus " + corpus + " has its own text");
        }
        require(
                validationFraction >= 0 && validationFraction < 1,
                "validation_fraction",
                validationFraction,
                "a share of at least 0 and below 1");
        require(sequenceLength >= 8, "sequence_length", sequenceLength, "a whole number of at least 8");
        require(
                maskProbability > 0 && maskProbability < 1,
                "mask_probability",
                maskProbability,
                "a probability between 0 and 1");
        require(
                !objective.equals("mlm+nsp") || packing.equals("full"),
                "packing",
                packing,
                "full, because objective mlm+nsp packs pairs itself");
    }

    /** The same text with another share held out. */
    public DataConfig withValidationFraction(double fraction) {
        return new DataConfig(
                corpus,
                paths,
                column,
                documents,
                fraction,
                sequenceLength,
                packing,
                objective,
                maskProbability,
                wholeWordMasking);
    }

    /** The corpus that this names. */
    public Corpus toCorpus() {
        return Corpus.of(corpus, paths, column, documents.equals("paragraph"));
    }

    /** Whether sentence pairs are made and related. */
    @JsonIgnore
    public boolean nextSentence() {
        return objective.equals("mlm+nsp");
    }

    /** Whether documents have to be cut into sentences. */
    @JsonIgnore
    public boolean needsSentences() {
        return nextSentence() || packing.equals("sentence");
    }

    private static void oneOf(String key, String value, String... allowed) {
        require(List.of(allowed).contains(value), key, value, String.join(", ", allowed));
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw InvalidInputException.of(GROUP, key, value, expected);
        }
    }
}
