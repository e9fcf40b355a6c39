package norma.datasets.corpus;

import ai.djl.basicdataset.BasicDatasets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * DJL's English text sets, their training part: where the files lie in DJL's repository (as the classes of
 * {@code ai.djl.basicdataset.nlp} have it) and what a document of each is.
 */
enum TextSet {
    /** Merity et al. 2016; word-level form, in which rare words are {@code <unk>}; a document per section. */
    WIKITEXT_2("wikitext-2", "wikitext-2", "1.0", "wikitext-2", "wikitext-2/wiki.train.tokens"),
    /** Marcus et al. 1993, as Mikolov et al. 2010 prepared it; a document per sentence. */
    PENN_TREEBANK("penn-treebank", "penntreebank-unlabeled-processed", "1.0", "train", ""),
    /** Maas et al. 2011; a document per review. */
    MOVIE_REVIEWS("stanford-movie-review", "stanford-movie-review", "1.0", "aclImdb", "aclImdb/train"),
    /** The star-rated reviews of digital software; a document per review. */
    AMAZON_REVIEWS("amazon-reviews", "amazon_reviews", "1.0", "amazon_reviews", ""),
    /** Demszky et al. 2020; a document per comment. */
    GO_EMOTIONS("goemotions", "goemotions", "1.0", "train", ""),
    /** Questions, without their labels. */
    COOKING("cooking-stackexchange", "cooking_stackexchange", "1.0", "train", ""),
    /** Rajpurkar et al. 2018; a document per paragraph of Wikipedia, without the questions. */
    SQUAD("squad", "stanford-question-answer", "2.0", "train", ""),
    /** The English sentences. */
    TATOEBA("tatoeba", "tatoeba-en-fr", "1.0", "train", ""),
    /** Silveira et al. 2014; a document per sentence, its words with blanks between. */
    ENGLISH_WEB_TREEBANK(
            "ud-english-ewt",
            "universal-dependencies-en-ewt",
            "2.0",
            "universal-dependencies-en-ewt",
            "en-ud-v2/en-ud-tag.v2.train.txt");

    private static final Pattern LABELS = Pattern.compile("^(__label__\\S+\\s+)+");
    private static final Set<String> REVIEW_FOLDERS = Set.of("neg", "pos", "unsup");
    private static final Pattern BREAKS = Pattern.compile("(<br />)+");

    private final String key;
    private final String artifact;
    private final String version;
    private final String item;
    private final String path;

    TextSet(String key, String artifact, String version, String item, String path) {
        this.key = key;
        this.artifact = artifact;
        this.version = version;
        this.item = item;
        this.path = path;
    }

    /** The set that a configuration's {@code corpus} names. */
    static Optional<TextSet> named(String key) {
        return Arrays.stream(values()).filter(set -> set.key.equals(key)).findFirst();
    }

    /** What {@code corpus} may name. */
    static List<String> keys() {
        return Arrays.stream(values()).map(TextSet::key).toList();
    }

    String key() {
        return key;
    }

    String group() {
        return this == ENGLISH_WEB_TREEBANK
                ? BasicDatasets.GROUP_ID + ".universal-dependencies"
                : BasicDatasets.GROUP_ID;
    }

    String artifact() {
        return artifact;
    }

    String version() {
        return version;
    }

    /** Which artifact, where there are several. */
    Map<String, String> filter() {
        return this == AMAZON_REVIEWS ? Map.of("dataset", "us_Digital_Software") : Map.of();
    }

    /** Which of the artifact's files or folders. */
    String item() {
        return item;
    }

    /** Where inside of it. */
    String path() {
        return path;
    }

    /** The files that its documents are in, in the order of their names. */
    List<Path> files(Path fileOrFolder) {
        List<Path> all = RepositoryFile.files(fileOrFolder);
        return this == MOVIE_REVIEWS ? all.stream().filter(TextSet::isReview).toList() : all;
    }

    /** Beside the reviews' folders lie lists of their addresses and their words as numbers. */
    private static boolean isReview(Path file) {
        return REVIEW_FOLDERS.contains(file.getParent().getFileName().toString());
    }

    /** The documents of its file or folder. */
    Documents documents(Path file) {
        return switch (this) {
            case WIKITEXT_2 -> new TextCorpus.FileDocuments(List.of(file), DocumentUnit.PARAGRAPH);
            case MOVIE_REVIEWS ->
                new MappedDocuments(
                        new TextCorpus.FileDocuments(files(file), DocumentUnit.FILE),
                        review -> BREAKS.matcher(review).replaceAll(" "));
            case PENN_TREEBANK -> new LineDocuments(file, line -> line);
            case GO_EMOTIONS, TATOEBA -> new LineDocuments(file, line -> column(line, 0));
            case COOKING -> new LineDocuments(file, line -> LABELS.matcher(line).replaceFirst(""));
            case AMAZON_REVIEWS -> LineDocuments.column(file, "review_body");
            case ENGLISH_WEB_TREEBANK -> new TaggedSentences(file);
            case SQUAD -> new JsonTexts(file, "context");
        };
    }

    private static String column(String line, int number) {
        String[] columns = line.split("\t", -1);
        return number < columns.length ? columns[number] : "";
    }
}
