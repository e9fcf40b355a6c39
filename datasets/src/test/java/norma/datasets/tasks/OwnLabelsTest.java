package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.metrics.Metric;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the labels of one's own files are taken for, and which are refused. */
@Tag("unit")
class OwnLabelsTest extends OwnFilesTests {
    private LabelledTask ofLabels(List<String> labels) throws IOException {
        String rows =
                labels.stream().map(label -> "t\t" + label + "\n").collect(Collectors.joining("", "body\ttopic\n", ""));
        return task("tsv", rows, rows);
    }

    @Test
    void wholeNumbers_areClassesInNumericOrder() throws IOException {
        assertThat(ofLabels(List.of("10", "9", "-1", "9")).kind())
                .isEqualTo(new TaskKind.Classification(List.of("-1", "9", "10")));
        assertThat(ofLabels(List.of("1.0", "0.0")).kind())
                .isEqualTo(new TaskKind.Classification(List.of("0.0", "1.0")));
        List<String> classNumbers =
                IntStream.range(0, 150).mapToObj(Integer::toString).toList();
        assertThat(ofLabels(classNumbers).kind()).isEqualTo(new TaskKind.Classification(classNumbers));
    }

    @Test
    void fractionsOrManyNumbers_areRegression() throws IOException {
        LabelledTask task = ofLabels(List.of("1", "2.5", "-3e-1"));
        assertThat(task.kind()).isEqualTo(new TaskKind.Regression());
        assertThat(task.train().examples().get(2).label()).isEqualTo(new Label.Target(-0.3));
        assertThat(task.headline()).containsExactly(Metric.PEARSON, Metric.SPEARMAN);
        List<String> years =
                IntStream.range(1990, 2011).mapToObj(Integer::toString).toList();
        assertThat(ofLabels(years).kind()).isEqualTo(new TaskKind.Regression());
        assertThat(ofLabels(years.subList(0, 20)).kind()).isEqualTo(new TaskKind.Classification(years.subList(0, 20)));
    }

    private List<String> choices(IntStream labels) throws IOException {
        return ofLabels(labels.mapToObj(Integer::toString).toList()).reading().choices();
    }

    /** The rule that docs/fine-tuning.md states. */
    @Test
    void whatIsDecidedOfNumbers_isSaidWithTheOptionThatDecidesOtherwise() throws IOException {
        String where = folder.resolve("my-train.tsv") + ", column topic: the labels are ";
        String classes = ", so each is a class (setting `kind=regression` makes them numbers to predict)";
        String numbers = ", so they are numbers to predict (setting `kind=classification` makes each a class)";
        assertThat(choices(IntStream.rangeClosed(1, 25)))
                .containsExactly(where + "25 whole numbers from 1 to 25 without a gap" + classes);
        assertThat(choices(IntStream.of(1, 5)))
                .containsExactly(where + "2 whole numbers from 1 to 5, no more than 20" + classes);
        assertThat(choices(IntStream.rangeClosed(1, 30).filter(i -> i != 7)))
                .containsExactly(where
                        + "29 whole numbers from 1 to 30, more than 20, which do not count up from 0 or 1" + numbers);
        assertThat(ofLabels(List.of("1", "2.5")).reading().choices())
                .containsExactly(where + "numbers, not all of them whole: 2.5" + numbers);
        assertThat(ofLabels(List.of("a", "b")).reading()).isEqualTo(LabelReading.PLAIN);
        String rows = "body\ttopic\nt\t1\nt\t2\n";
        assertThat(task("tsv", rows, rows, LabelType.CLASSIFICATION, null)
                        .reading()
                        .choices())
                .isEmpty(); // nobody has to be told what he chose
    }

    @Test
    void classesThatCountUpFromOne_areClassesHoweverMany() throws IOException {
        List<String> intents =
                IntStream.rangeClosed(1, 25).mapToObj(Integer::toString).toList();
        assertThat(ofLabels(intents).kind()).isEqualTo(new TaskKind.Classification(intents));
    }

    @Test
    void labelsThatDifferInBlanksOnly_areSaid() throws IOException {
        String where = folder.resolve("my-train.tsv") + ": ";
        assertThat(ofLabels(List.of("cold", "warm", "cold ", "a  b", "a\u00a0b"))
                        .reading()
                        .doubts())
                .containsExactly(
                        where + "\"a  b\" and \"a\u00a0b\" count as different labels; they differ only in blanks",
                        where + "\"cold\" and \"cold \" count as different labels; they differ only in blanks");
        assertThat(ofLabels(List.of("1", "2", "1.0")).reading().doubts())
                .containsExactly(where
                        + "\"1\" and \"1.0\" count as different labels; they differ only in how a number is written");
        assertThat(ofLabels(List.of("caf\u00e9", "cafe\u0301")).reading().doubts())
                .hasSize(1);
        assertThat(ofLabels(List.of("Cold", "cold", "co ld")).reading().doubts())
                .isEmpty();
    }

    @Test
    void oneBadValueAmongNumbers_isAnErrorAndNotAClass() {
        for (String bad : List.of("NaN", "-inf", "1e999", "n/a")) {
            String rows = "body\ttopic\n" + "t\t0.5\n".repeat(19) + "t\t" + bad + "\n";
            assertRefused(
                    "tsv",
                    rows,
                    rows,
                    "my-train.tsv: line 21, column topic: found \"" + bad + "\", expected a finite number");
        }
        assertRefused(
                "jsonl",
                "{\"body\": \"t\", \"topic\": 1.5}\n{\"body\": \"t\", \"topic\": NaN}\n",
                "",
                "my-train.jsonl: line 2, column topic: found \"NaN\", expected a finite number");
    }

    @Test
    void typeThatIsGiven_isTaken() throws IOException {
        String rows = "body\ttopic\nt\t0.5\nt\t1.5\n";
        assertThat(task("tsv", rows, rows, LabelType.CLASSIFICATION, null).kind())
                .isEqualTo(new TaskKind.Classification(List.of("0.5", "1.5")));
        String whole = "body\ttopic\nt\t1\nt\t2\n";
        assertThat(task("tsv", whole, whole, LabelType.REGRESSION, null).kind()).isEqualTo(new TaskKind.Regression());
    }

    @Test
    void jsonArrays_areSeveralLabels() throws IOException {
        LabelledTask task = task(
                "jsonl",
                "{\"body\": \"t\", \"topic\": [\"joy\", \"fear\"]}\n{\"body\": \"u\", \"topic\": []}\n",
                "{\"body\": \"v\", \"topic\": [\"fear\", \"fear\"]}\n");
        assertThat(task.kind()).isEqualTo(new TaskKind.MultiLabel(List.of("fear", "joy")));
        assertThat(task.train().examples())
                .extracting(LabelledExample::label)
                .containsExactly(new Label.Several(List.of(0, 1)), new Label.Several(List.of()));
        assertThat(task.devs().get(0).examples())
                .extracting(LabelledExample::label)
                .containsExactly(new Label.Several(List.of(0)));
        LabelledTask tsv = task("tsv", "body\ttopic\nt\t[3, 10]\n", "body\ttopic\nt\t[10]\n");
        assertThat(tsv.kind()).isEqualTo(new TaskKind.MultiLabel(List.of("3", "10")));
    }

    @Test
    void separator_cutsLabelsApart() throws IOException {
        String rows = "body\ttopic\nt\tb|a\nu\t\nv\ta | c\n";
        LabelledTask task = task("tsv", rows, rows, null, "|");
        assertThat(task.kind()).isEqualTo(new TaskKind.MultiLabel(List.of("a", "b", "c")));
        assertThat(task.train().examples())
                .extracting(LabelledExample::label)
                .containsExactly(
                        new Label.Several(List.of(0, 1)),
                        new Label.Several(List.of()),
                        new Label.Several(List.of(0, 2)));
        assertThatThrownBy(() -> task("tsv", "body\ttopic\nt\ta||b\n", rows, null, "|"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageEndingWith("line 2, column topic: found \"a||b\" with an empty label, expected labels with a"
                        + " separator between");
    }

    @Test
    void wrongLabels_areSaidWithFileLineAndValue() {
        String train = "body\ttopic\nt\ta\nu\tb\n";
        assertRefused(
                "tsv",
                train,
                "body\ttopic\nt\ta\nu\tc\n",
                "my-dev.tsv: line 3, column topic: found \"c\", expected one of a, b, the labels of "
                        + folder.resolve("my-train.tsv"));
        assertRefused(
                "tsv",
                "body\ttopic\nt\ta\nu\t\n",
                train,
                "my-train.tsv: line 3, column topic: found an empty label, expected a class");
        assertRefused(
                "tsv",
                "body\ttopic\nt\ta\nu\ta\n",
                train,
                "my-train.tsv: column topic: found only the label a, expected at least 2 different ones");
        assertRefused(
                "jsonl",
                "{\"body\": \"t\", \"topic\": null}\n",
                train,
                "my-train.jsonl: line 1, column topic: found null, expected a text, a number or an array");
    }

    @Test
    void majorityBaseline_isTheMostFrequentSetOfLabelsOfTraining() throws IOException {
        String train = "body\ttopic\nt\tb|a\nu\tc\nv\ta|b\n";
        LabelledTask task = task("tsv", train, "body\ttopic\nt\ta\nu\ta|b\n", null, "|");
        Map<Metric, Double> scores = MajorityBaseline.of(task, task.devs().get(0));
        assertThat(scores.get(Metric.SUBSET_ACCURACY)).isEqualTo(0.5);
        assertThat(scores.get(Metric.LABEL_MICRO_F1)).isEqualTo(6 / 7.0); // 3 right, 1 too many
        // of a and b, equally frequent, the first is predicted
        LabelledTask even = task("tsv", "body\ttopic\nt\tb\nu\ta\n", "body\ttopic\nt\ta\nu\ta\nv\tb\n");
        assertThat(MajorityBaseline.of(even, even.devs().get(0)).get(Metric.ACCURACY))
                .isEqualTo(2 / 3.0);
    }
}
