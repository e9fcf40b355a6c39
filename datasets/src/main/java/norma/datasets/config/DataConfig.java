package norma.datasets.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.DocumentUnit;
import norma.datasets.files.PathText;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.Objective;
import norma.datasets.objectives.Packing;
import norma.datasets.tokens.SentenceMarks;

/**
 * The text of a run and what is made of it. A component that is null takes its default.
 *
 * @param corpus {@code wordnet} (embedded), {@code text}, {@code jsonl}, {@code parquet}, {@code wikitext-2} or another
 *     of DJL's text sets (fetched: penn-treebank, stanford-movie-review, amazon-reviews, goemotions,
 *     cooking-stackexchange, squad, tatoeba, ud-english-ewt)
 * @param paths files, folders or globs of {@code text}, {@code jsonl} and {@code parquet}
 * @param column column with the text, of {@code jsonl} and {@code parquet}
 * @param documents what a document of {@code text} is: a {@code paragraph} (blank lines between), a {@code file}, a
 *     {@code line}, or {@code sentence-per-line}: blank lines between, and each line a sentence. The last of them also
 *     goes with {@code jsonl} and {@code parquet}, whose documents are rows
 * @param validationFraction share of documents held out, in [0, 1)
 * @param sequenceLength S, tokens of a sequence with its special tokens
 * @param packing {@code full}: sequences cut from the running text, a separator after every document;
 *     {@code separated-sentences}: after every sentence; {@code sentence}: one sentence each, padded or cut off;
 *     {@code sentence-parts}: the same, but a sentence that is too long in several
 * @param objective {@code mlm}: masked tokens; {@code mlm+nsp}: and whether sentences follow each other; {@code clm}:
 *     the next token; {@code rtd}: which tokens a generator replaced; {@code plm}: spans, in a random order;
 *     {@code denoising}: the text of which spans were masked and sentences permuted
 * @param maskProbability probability that a token is predicted, in {@code denoising} masked; null in an objective that
 *     hides none
 * @param wholeWordMasking whether the tokens of a word are chosen together; null in an objective that hides none
 * @param memLen tokens of the text before each sequence that an objective {@code plm} remembers: XLNet's memory of the
 *     previous segment; null in the others
 * @param subsampling threshold t of word2vec's subsampling, in (0, 1), such as 1e-4: a token whose share of the
 *     training tokens is f stays with probability sqrt(t / f), if that is below 1, in the held-out text too; null for
 *     none
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
        Boolean wholeWordMasking,
        Integer memLen,
        Double subsampling) {
    private static final String GROUP = "data";
    private static final Set<String> WITH_PATHS = Set.of("text", "jsonl", "parquet");

    public DataConfig {
        corpus = corpus == null ? "wordnet" : corpus;
        paths = paths == null ? List.of() : paths;
        require(paths.stream().noneMatch(path -> path == null || path.isBlank()), "paths", paths, "no empty entry");
        paths = List.copyOf(paths);
        paths.forEach(path -> PathText.require(GROUP, "paths", path));
        column = column == null ? "text" : column;
        documents = documents == null ? "paragraph" : documents;
        validationFraction = validationFraction == null ? 0.02 : validationFraction;
        sequenceLength = sequenceLength == null ? 128 : sequenceLength;
        packing = packing == null ? "full" : packing;
        objective = objective == null ? "mlm" : objective;

        oneOf("corpus", corpus, Corpus.keys().toArray(String[]::new));
        require(
                DocumentUnit.keys().contains(documents),
                "documents",
                documents,
                String.join(", ", DocumentUnit.keys()));
        requireUnit(corpus, DocumentUnit.of(documents));
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
                subsampling == null || (subsampling > 0 && subsampling < 1),
                "subsampling",
                subsampling,
                "a number above 0 and below 1, such as 1e-4");
        Objective learned =
                Objective.of(objective, maskProbability, wholeWordMasking).remembering(memLen);
        memLen = learned.memoryLength().orElse(null);
        Optional<String> insteadOfPacking = learned.insteadOf(Packing.of(packing));
        require(insteadOfPacking.isEmpty(), "packing", packing, insteadOfPacking.orElse(""));
        maskProbability = learned.hiddenShare().orElse(null);
        wholeWordMasking = learned.masks().map(MaskedLm::wholeWords).orElse(null);
    }

    /** Text of which nothing is remembered and nothing left out. */
    public DataConfig(
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
        this(
                corpus,
                paths,
                column,
                documents,
                validationFraction,
                sequenceLength,
                packing,
                objective,
                maskProbability,
                wholeWordMasking,
                null,
                null);
    }

    /** The same text with another share held out. */
    public DataConfig withValidationFraction(double fraction) {
        return with(paths, fraction);
    }

    /** The same text, found from any folder. */
    public DataConfig withAbsolutePaths() {
        return with(
                paths.stream()
                        .map(path -> Path.of(path).toAbsolutePath().normalize().toString())
                        .toList(),
                validationFraction);
    }

    private DataConfig with(List<String> otherPaths, double fraction) {
        return new DataConfig(
                corpus,
                otherPaths,
                column,
                documents,
                fraction,
                sequenceLength,
                packing,
                objective,
                maskProbability,
                wholeWordMasking,
                memLen,
                subsampling);
    }

    /** Tokens of a row of a batch at most: those of a sequence, and those that it remembers. */
    public int rowLength() {
        return sequenceLength + (memLen == null ? 0 : memLen);
    }

    /** The corpus that this names. */
    public Corpus toCorpus() {
        return Corpus.of(corpus, paths, column, DocumentUnit.of(documents));
    }

    /** The objective that this names, with its options. */
    public Objective toObjective() {
        return Objective.of(objective, maskProbability, wholeWordMasking).remembering(memLen);
    }

    /** The packing that this names. */
    public Packing toPacking() {
        return Packing.of(packing);
    }

    /** Whether sentence pairs are made and related. */
    public boolean nextSentence() {
        return toObjective().nextSentence();
    }

    /** What the tokens have to know of sentences. */
    public SentenceMarks sentenceMarks() {
        return toObjective().marks(toPacking());
    }

    /** Of text that does not lie in text files the corpus says what a document is, and of a row its column's lines. */
    private static void requireUnit(String corpus, DocumentUnit unit) {
        boolean rows = corpus.equals("jsonl") || corpus.equals("parquet");
        boolean fits = corpus.equals("text")
                || unit == DocumentUnit.PARAGRAPH
                || (rows && unit == DocumentUnit.SENTENCE_PER_LINE);
        require(
                fits,
                "documents",
                unit.key(),
                (rows ? DocumentUnit.SENTENCE_PER_LINE.key() + " or nothing" : "nothing") + ", because corpus " + corpus
                        + " has documents of its own");
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
