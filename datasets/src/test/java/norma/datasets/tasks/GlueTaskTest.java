package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import norma.datasets.SharedData;
import norma.datasets.base.InvalidInputException;
import norma.datasets.metrics.Metric;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows and labels of the files are those that the page beside them counts. */
@Tag("unit")
class GlueTaskTest {
    @TempDir
    Path folder;

    private static Map<String, Integer> counts(TaskKind kind, LabelledSplit split) {
        List<String> names = ((TaskKind.Classification) kind).labels();
        Map<String, Integer> counts = new TreeMap<>();
        split.examples()
                .forEach(example ->
                        counts.merge(names.get(((Label.OneClass) example.label()).index()), 1, Integer::sum));
        return counts;
    }

    @ParameterizedTest
    @CsvSource({
        "CoLA, unacceptable, 2528, acceptable, 6023, 322, 721",
        "SST-2, negative, 29780, positive, 37569, 428, 444",
        "MRPC, not_equivalent, 1194, equivalent, 2474, 129, 279",
        "RTE, entailment, 1249, not_entailment, 1241, 146, 131",
        "WNLI, not_entailment, 323, entailment, 312, 40, 31",
    })
    void classificationTask_hasTheRowsAndLabelsOfTheRelease(
            String name, String first, int firstTrain, String second, int secondTrain, int firstDev, int secondDev) {
        LabelledTask task =
                TaskSource.named(name, SharedData.require("glue/" + name)).load();
        assertThat(task.name()).isEqualTo(name);
        assertThat(task.kind()).isEqualTo(new TaskKind.Classification(List.of(first, second)));
        assertThat(counts(task.kind(), task.train())).isEqualTo(Map.of(first, firstTrain, second, secondTrain));
        assertThat(task.devs()).hasSize(1);
        assertThat(counts(task.kind(), task.devs().get(0))).isEqualTo(Map.of(first, firstDev, second, secondDev));
        boolean pairs = !name.equals("CoLA") && !name.equals("SST-2");
        assertThat(task.train().examples()).allMatch(example -> (example.textPair() != null) == pairs);
    }

    @Test
    void stsB_hasTheScoresOfTheRelease() {
        LabelledTask task = GlueTask.STSB.load(SharedData.require("glue"));
        assertThat(task.kind()).isEqualTo(new TaskKind.Regression());
        double[] train = targets(task.train());
        double[] dev = targets(task.devs().get(0));
        assertThat(train).hasSize(5749);
        assertThat(dev).hasSize(1500);
        assertThat(mean(train)).isCloseTo(2.701, within(0.0005));
        assertThat(mean(dev)).isCloseTo(2.364, within(0.0005));
        assertThat(Arrays.stream(train).min()).hasValue(0);
        assertThat(Arrays.stream(train).max()).hasValue(5);
        LabelledExample first = task.devs().get(0).examples().get(0);
        assertThat(first)
                .isEqualTo(new LabelledExample(
                        "A man with a hard hat is dancing.",
                        "A man wearing a hard hat is dancing.",
                        new Label.Target(5)));
    }

    private static double[] targets(LabelledSplit split) {
        return split.examples().stream()
                .mapToDouble(example -> ((Label.Target) example.label()).value())
                .toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    @Test
    void qnli_hasTheHeldOutRowsOfTheRelease_andSaysWhichFileIsMissing() {
        Path glue = SharedData.require("glue");
        LabelledSplit dev = GlueTask.QNLI.devs(glue).get(0);
        assertThat(counts(GlueTask.QNLI.kind(), dev)).isEqualTo(Map.of("not_entailment", 2761, "entailment", 2702));
        assertThatThrownBy(() -> GlueTask.QNLI.load(glue))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(glue.resolve("QNLI/train.tsv") + ": no such file, expected the train file of QNLI");
    }

    @Test
    void textsAreThoseOfTheFiles_byteForByte() throws IOException {
        Path glue = SharedData.require("glue");
        for (GlueTask task : List.of(GlueTask.COLA, GlueTask.STSB, GlueTask.SST2, GlueTask.MRPC)) {
            Path file = glue.resolve(task.title()).resolve("train.tsv");
            List<LabelledExample> examples = task.load(glue).train().examples();
            // cut by hand, at the one byte that ends a line
            String[] lines = Files.readString(file, StandardCharsets.UTF_8).split("\n", -1);
            int header = task == GlueTask.COLA ? 0 : 1;
            int text = Map.of(GlueTask.COLA, 3, GlueTask.STSB, 7, GlueTask.SST2, 0, GlueTask.MRPC, 3)
                    .get(task);
            assertThat(examples).hasSize(lines.length - 1 - header);
            for (int i = 0; i < examples.size(); i++) {
                assertThat(examples.get(i).text()).isEqualTo(lines[i + header].split("\t", -1)[text]);
            }
        }
        assertThat(texts(GlueTask.COLA.load(glue).train()))
                .filteredOn(text -> text.indexOf('\b') >= 0)
                .hasSize(3);
        assertThat(texts(GlueTask.STSB.load(glue).train()))
                .filteredOn(text -> text.indexOf('\u0012') >= 0)
                .hasSize(1);
        assertThat(texts(GlueTask.SST2.load(glue).train())).allMatch(text -> text.endsWith(" "));
        assertThat(texts(GlueTask.QNLI.devs(glue).get(0)))
                .filteredOn(text -> text.indexOf('\uFEFF') >= 0)
                .hasSize(1);
    }

    /** All texts, first and second. */
    private static List<String> texts(LabelledSplit split) {
        List<String> texts = new ArrayList<>();
        for (LabelledExample example : split.examples()) {
            texts.add(example.text());
            if (example.textPair() != null) {
                texts.add(example.textPair());
            }
        }
        return texts;
    }

    private void write(String file, String... lines) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, String.join("\n", lines) + "\n");
    }

    private void writeRte(String train, String dev) throws IOException {
        String header = "index\tsentence1\tsentence2\tlabel";
        write("RTE/train.tsv", header, train);
        write("RTE/dev.tsv", header, dev);
    }

    @Test
    void oddCharacters_surviveAndEndNoLine() throws IOException {
        writeRte(
                "0\t\"a\u0085b\u2028c\\\tx\uFEFFy\b \u000b\tentailment\r",
                "0\t\u00a0z\u000c\r \tone \" quote\tnot_entailment");
        LabelledTask task = GlueTask.RTE.load(folder);
        assertThat(task.train().examples())
                .containsExactly(
                        new LabelledExample("\"a\u0085b\u2028c\\", "x\uFEFFy\b \u000b", new Label.OneClass(0)));
        assertThat(task.devs().get(0).examples())
                .containsExactly(new LabelledExample("\u00a0z\u000c\r ", "one \" quote", new Label.OneClass(1)));
    }

    @Test
    void byteOrderMarkAndCarriageReturns_areNoPartOfTheData() throws IOException {
        String header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\r";
        write("MRPC/train.tsv", "\uFEFF" + header, "1\t10\t11\tHe said \"no .\t\" No , \" he said .\r", "");
        write("MRPC/dev.tsv", "\uFEFF" + header, "0\t12\t13\tA\tB\r");
        assertThat(GlueTask.MRPC.load(folder).train().examples())
                .containsExactly(new LabelledExample("He said \"no .", "\" No , \" he said .", new Label.OneClass(1)));
    }

    @Test
    void qqp_isReadInTheOriginalLayout_andLeavesTornRowsOutAsHuggingFaceDoes() throws IOException {
        String header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate";
        write(
                "QQP/train.tsv",
                header,
                "1\t2\t3\tWhy?\tHow come?\t1",
                "4\t5\t6\t\"Who was he?",
                "\tAnd where?\t0",
                "7\t8\t9\tA?\t\t0");
        write("QQP/dev.tsv", header, "10\t11\t12\tC?\tD?\t0");
        LabelledTask task = GlueTask.QQP.load(folder);
        assertThat(task.train().examples())
                .containsExactly(
                        new LabelledExample("Why?", "How come?", new Label.OneClass(1)),
                        new LabelledExample("A?", "", new Label.OneClass(0)));
        assertThat(task.train().leftOut()).containsExactly(3L, 4L);
        assertThat(task.kind()).isEqualTo(new TaskKind.Classification(List.of("not_duplicate", "duplicate")));
        assertThat(task.metrics()).containsExactly(Metric.ACCURACY, Metric.F1);
        assertThat(task.headline()).containsExactly(Metric.ACCURACY, Metric.F1);
    }

    @Test
    void mnli_hasTwoHeldOutSets_whoseFilesHaveMoreLabelColumns() throws IOException {
        String shared = "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse"
                + "\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2\t";
        String row = "0\tp\tq\tfiction\t( a )\t( b )\t(A)\t(B)\t";
        write("MNLI/train.tsv", shared + "label1\tgold_label", row + "one\ttwo\tneutral\tneutral");
        String held = shared + "label1\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label";
        String votes = "entailment\tneutral\tneutral\tentailment\tneutral\t";
        write("MNLI/dev_matched.tsv", held, row + "three\tfour\t" + votes + "contradiction");
        write("MNLI/dev_mismatched.tsv", held, row + "five\tsix\t" + votes + "entailment");
        LabelledTask task = GlueTask.MNLI.load(folder.resolve("MNLI"));
        assertThat(task.kind())
                .isEqualTo(new TaskKind.Classification(List.of("entailment", "neutral", "contradiction")));
        assertThat(task.train().examples()).containsExactly(new LabelledExample("one", "two", new Label.OneClass(1)));
        assertThat(task.devs()).extracting(LabelledSplit::name).containsExactly("dev_matched", "dev_mismatched");
        assertThat(task.devs().get(0).examples())
                .containsExactly(new LabelledExample("three", "four", new Label.OneClass(2)));
        assertThat(task.devs().get(1).examples())
                .containsExactly(new LabelledExample("five", "six", new Label.OneClass(0)));
    }

    @Test
    void namesAreKnownInAnyCaseAndWithoutHyphens_othersAreAnsweredWithTheNearest() {
        for (String name : List.of("sst2", "SST-2", "Sst_2", "STSB", "sts-b", "cola", "mnli", "Qnli")) {
            assertThat(TaskSource.named(name, folder)).isInstanceOf(TaskSource.Glue.class);
        }
        assertThatThrownBy(() -> TaskSource.named("mnlli", folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("task: task: found mnlli, expected a task's name, did you mean mnli?")
                .hasMessageContaining("cola");
        assertThatThrownBy(() -> TaskSource.named("rte", null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("task: data: found nothing, expected the folder of GLUE");
    }

    @Test
    void wrongFiles_areSaidWithFileLineAndValue() throws IOException {
        writeRte("0\ta\tb\tentailment", "0\ta\tb\tentailment");
        Files.delete(folder.resolve("RTE/dev.tsv"));
        assertRefused(folder.resolve("RTE/dev.tsv") + ": no such file, expected the dev file of RTE");

        writeRte("0\ta\tb\tentailment", "0\ta\tb\tmaybe");
        assertRefused("dev.tsv: line 2, column label: found \"maybe\", expected one of entailment, not_entailment, the"
                + " classes of RTE");

        writeRte("0\ta\tentailment", "0\ta\tb\tentailment");
        assertRefused("train.tsv: line 2: found 3 columns: \"0\\ta\\tentailment\", expected 4 separated by tabs: index,"
                + " sentence1, sentence2, label");

        writeRte("0\ta\t \tentailment", "0\ta\tb\tentailment");
        assertRefused("train.tsv: line 2, column sentence2: found an empty text, expected a text");

        write("RTE/train.tsv", "index\tsentence1\tlabel", "0\ta\tentailment");
        assertRefused(
                "train.tsv: line 1: found no column sentence2, expected one of those there: index, sentence1, label");

        Files.writeString(folder.resolve("RTE/train.tsv"), "");
        assertRefused("train.tsv: line 1: found the end of the file, expected the names of the columns");

        write("RTE/train.tsv", "index\tsentence1\tsentence2\tlabel");
        assertRefused("train.tsv: found no examples, expected at least one");

        Files.write(
                folder.resolve("RTE/train.tsv"),
                "index\tsentence1\tsentence2\tlabel\n0\ta\u00e9\tb\tentailment\n"
                        .getBytes(StandardCharsets.ISO_8859_1));
        assertRefused("train.tsv: line 2, byte 35: found 0xe9, expected valid UTF-8");
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> GlueTask.RTE.load(folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageEndingWith(message);
    }

    @Test
    void stsBScore_isANumberOfItsScale() throws IOException {
        String header = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore";
        for (String score : List.of("nan", "inf", "1e999", "four", "", "0x1p3", "1d", "5.1", "-0.1")) {
            write("STS-B/train.tsv", header, "0\tg\tf\ty\to\ts\ts\ta\tb\t" + score);
            assertThatThrownBy(() -> GlueTask.STSB.load(folder))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageEndingWith(
                            "train.tsv: line 2, column score: found \"" + score + "\", expected a number from 0 to 5");
        }
    }

    @Test
    void majorityBaseline_isThatOfTheTrainingLabels() {
        Path glue = SharedData.require("glue");
        assertThat(baseline(GlueTask.RTE, glue).get(Metric.ACCURACY)).isEqualTo(146 / 277.0);
        // the classes change places between WNLI's splits
        assertThat(baseline(GlueTask.WNLI, glue).get(Metric.ACCURACY)).isEqualTo(40 / 71.0);
        assertThat(baseline(GlueTask.MRPC, glue))
                .isEqualTo(Map.of(Metric.ACCURACY, 279 / 408.0, Metric.F1, 2 * 279 / (2 * 279 + 129.0)));
        assertThat(baseline(GlueTask.COLA, glue))
                .isEqualTo(Map.of(Metric.MATTHEWS_CORRELATION, 0.0, Metric.ACCURACY, 721 / 1043.0));
        Map<Metric, Double> scores = baseline(GlueTask.STSB, glue);
        assertThat(scores.get(Metric.PEARSON)).isNaN();
        assertThat(scores.get(Metric.SPEARMAN)).isNaN();
        assertThat(scores.get(Metric.MEAN_SQUARED_ERROR)).isBetween(2.0, 2.6);
    }

    private static Map<Metric, Double> baseline(GlueTask glueTask, Path glue) {
        LabelledTask task = glueTask.load(glue);
        return MajorityBaseline.of(task, task.devs().get(0));
    }
}
