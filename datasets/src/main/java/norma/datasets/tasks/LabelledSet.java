package norma.datasets.tasks;

import ai.djl.basicdataset.BasicDatasets;
import ai.djl.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.corpus.RepositoryFile;
import norma.datasets.files.TextFile;
import norma.datasets.metrics.Metric;

/** The labelled English texts of DJL's repository ({@code ai.djl.basicdataset.nlp}). */
public enum LabelledSet {
    /** Maas et al. 2011: 25,000 reviews to train on and as many to measure on, negative or positive. */
    MOVIE_REVIEWS("stanford-movie-review", "stanford-movie-review"),
    /** Demszky et al. 2020: comments with any of 27 emotions, or neutral. */
    GO_EMOTIONS("goemotions", "goemotions"),
    /** Reviews of digital software with one to five stars; one in twenty is held out ({@link HeldOutShare}). */
    AMAZON_REVIEWS("amazon-reviews", "amazon_reviews");

    private static final Pattern BREAKS = Pattern.compile("(<br />)+");

    private static final List<String> STARS = List.of("1", "2", "3", "4", "5");

    /** In the order of their numbers (the set's file emotions.txt). */
    private static final List<String> EMOTIONS = List.of(
            "admiration",
            "amusement",
            "anger",
            "annoyance",
            "approval",
            "caring",
            "confusion",
            "curiosity",
            "desire",
            "disappointment",
            "disapproval",
            "disgust",
            "embarrassment",
            "excitement",
            "fear",
            "gratitude",
            "grief",
            "joy",
            "love",
            "nervousness",
            "optimism",
            "pride",
            "realization",
            "relief",
            "remorse",
            "sadness",
            "surprise",
            "neutral");

    private final String title;
    private final String artifact;

    LabelledSet(String title, String artifact) {
        this.title = title;
        this.artifact = artifact;
    }

    /** Its name, which is also that of its text as a corpus. */
    public String title() {
        return title;
    }

    /** Fetches and reads it. */
    LabelledTask load(Repository repository) throws IOException {
        return switch (this) {
            case MOVIE_REVIEWS ->
                movieReviews(file(repository, "aclImdb", "aclImdb/train"), file(repository, "aclImdb", "aclImdb/test"));
            case GO_EMOTIONS -> goEmotions(file(repository, "train", ""), file(repository, "dev", ""));
            case AMAZON_REVIEWS -> amazonReviews(file(repository, "amazon_reviews", ""));
        };
    }

    private Path file(Repository repository, String item, String path) throws IOException {
        Map<String, String> filter = this == AMAZON_REVIEWS ? Map.of("dataset", "us_Digital_Software") : Map.of();
        return new RepositoryFile(repository, BasicDatasets.GROUP_ID, artifact, "1.0", filter, item, path).fetch();
    }

    /** Of folders with a folder of negative and one of positive reviews each. */
    static LabelledTask movieReviews(Path train, Path test) {
        return new LabelledTask(
                MOVIE_REVIEWS.title,
                new TaskKind.Classification(List.of("negative", "positive")),
                reviews("train", train),
                List.of(reviews("test", test)),
                List.of(Metric.ACCURACY),
                List.of(Metric.ACCURACY));
    }

    private static LabelledSplit reviews(String name, Path folder) {
        List<LabelledExample> examples = new ArrayList<>();
        List<String> classes = List.of("neg", "pos");
        for (int label = 0; label < classes.size(); label++) {
            for (Path file : RepositoryFile.files(folder.resolve(classes.get(label)))) {
                String text = BREAKS.matcher(TextFile.read(file, "a review")).replaceAll(" ");
                examples.add(new LabelledExample(text, null, new Label.OneClass(label)));
            }
        }
        return new LabelledSplit(name, folder.toString(), examples);
    }

    /** Of files with a comment, the numbers of its labels, and its name on each line. */
    static LabelledTask goEmotions(Path train, Path dev) {
        List<String> numbers =
                IntStream.range(0, EMOTIONS.size()).mapToObj(Integer::toString).toList();
        LabelParser parser = new LabelParser.OfSets(numbers, EMOTIONS, ",", ", the emotions of the set");
        return new LabelledTask(
                GO_EMOTIONS.title,
                parser.kind(),
                comments(train).labelled("train", parser),
                List.of(comments(dev).labelled("dev", parser)),
                parser.kind().metrics(),
                List.of(Metric.LABEL_MACRO_F1)); // which the paper reports
    }

    private static RawExamples comments(Path file) {
        List<String> wanted = List.of("emotions", "comment");
        Rows rows = TsvRows.withoutHeader(
                file, List.of("comment", "emotions", "name"), wanted, TsvRows.Damage.SURPLUS_IGNORED);
        return RawExamples.read(file.toString(), rows, wanted, false);
    }

    /** Of a file with named columns; rows that are torn, without text or without one to five stars are left out. */
    static LabelledTask amazonReviews(Path file) {
        List<String> wanted = List.of("star_rating", "review_body");
        RawExamples raw = RawExamples.read(
                file.toString(), TsvRows.withHeader(file, wanted, TsvRows.Damage.MARKED), wanted, true);
        List<Long> leftOut = new ArrayList<>(raw.leftOut());
        List<RawExamples.RawExample> train = new ArrayList<>();
        List<RawExamples.RawExample> held = new ArrayList<>();
        for (RawExamples.RawExample example : raw.examples()) {
            if (example.text().isBlank() || !STARS.contains(example.label())) {
                leftOut.add(example.place().line());
            } else {
                (HeldOutShare.isHeldOut(example.text()) ? held : train).add(example);
            }
        }
        leftOut.sort(null);
        if (train.isEmpty() || held.isEmpty()) {
            throw new InvalidInputException(file + ": found " + train.size() + " reviews to train on and " + held.size()
                    + " to hold out, expected some of both");
        }
        LabelParser parser = new LabelParser.OfClasses(STARS, STARS, ", the stars of a review");
        return new LabelledTask(
                AMAZON_REVIEWS.title,
                parser.kind(),
                new RawExamples(raw.file(), raw.labelColumn(), train, leftOut).labelled("train", parser),
                List.of(new RawExamples(raw.file(), raw.labelColumn(), held, leftOut).labelled("dev", parser)),
                parser.kind().metrics(),
                OwnFiles.headline(LabelType.CLASSIFICATION));
    }
}
