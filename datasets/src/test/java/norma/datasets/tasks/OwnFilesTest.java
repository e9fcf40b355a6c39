package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.metrics.Metric;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class OwnFilesTest extends OwnFilesTests {
    @Test
    void sameTask_isReadFromTsvCsvAndJsonLines() throws IOException {
        LabelledTask tsv = task("tsv", "topic\tbody\nb\tone \"1\n\na\ttwo, 2\n", "body\ttopic\tid\nthree\tb\t7\n");
        LabelledTask csv =
                task("csv", "topic,body\r\nb,\"one \"\"1\"\r\n\r\na,\"two, 2\"\r\n", "body,topic,id\nthree,b,7");
        LabelledTask json = task(
                "jsonl",
                "{\"topic\": \"b\", \"body\": \"one \\\"1\"}\n\n{\"body\": \"two, 2\", \"topic\": \"a\", \"x\": {}}\n",
                "{\"topic\": \"b\", \"body\": \"three\"}\n");
        for (LabelledTask task : List.of(tsv, csv, json)) {
            assertThat(task.name()).isEqualTo("my-train");
            assertThat(task.kind()).isEqualTo(new TaskKind.Classification(List.of("a", "b")));
            assertThat(task.train().examples())
                    .containsExactly(
                            new LabelledExample("one \"1", null, new Label.OneClass(1)),
                            new LabelledExample("two, 2", null, new Label.OneClass(0)));
            assertThat(task.devs().get(0).examples())
                    .containsExactly(new LabelledExample("three", null, new Label.OneClass(1)));
            assertThat(task.headline()).containsExactly(Metric.ACCURACY);
        }
    }

    @Test
    void csvCells_mayHoldLineBreaksAndBeEmptyAndLinesAreCountedOn() throws IOException {
        LabelledTask task =
                task("csv", "body,\"topic\",more\n\"a\n\"\"b\"\"\r\n\",x,\n\"\"\"\",y,\"\"\n", "body,topic\nz,x\n");
        assertThat(task.train().examples()).extracting(LabelledExample::text).containsExactly("a\n\"b\"\n", "\"");
        assertRefused(
                "csv",
                "body,topic\n\"a\nb\",x\nc,x,y\n",
                "",
                "my-train.csv: line 4: found 3 columns: \"c,x,y\", expected 2 separated by commas: body, topic");
        assertRefused(
                "csv",
                "body,topic\na,x\n\"b,y\nc,x\n",
                "",
                "my-train.csv: line 3: found a quotation mark that is never closed, expected one at the end of the cell");
        assertRefused(
                "csv",
                "body,topic\n\"a\" b,x\n",
                "",
                "my-train.csv: line 2: found \" b,x\" behind a closing quotation mark, expected a comma (a quotation"
                        + " mark inside a cell is written twice)");
    }

    @Test
    void compressedFiles_areRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write("body\ttopic\nb\ty\na\tx\n".getBytes(StandardCharsets.UTF_8));
        }
        Path file = Files.write(folder.resolve("own.tsv.gz"), bytes.toByteArray());
        LabelledTask task = files(file, file, "body", null, "topic").load();
        assertThat(task.name()).isEqualTo(folder.getFileName().toString());
        assertThat(task.train().examples()).hasSize(2);
        Files.write(file, new byte[] {1, 2, 3, 4});
        assertThatThrownBy(() -> files(file, file, "body", null, "topic").load())
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + " cannot be read: Not in GZIP format");
    }

    @Test
    void secondTextColumn_makesPairs() throws IOException {
        Path file = write("pairs.tsv", "a\tb\tc\none\ttwo\t1\nthree\tfour\t0\n");
        LabelledTask task = files(file, file, "b", "a", "c").load();
        assertThat(task.train().examples())
                .containsExactly(
                        new LabelledExample("two", "one", new Label.OneClass(1)),
                        new LabelledExample("four", "three", new Label.OneClass(0)));
    }

    @Test
    void whatIsNoText_isRefusedInJsonLines_asInACorpus() {
        String label = ", \"topic\": \"a\"}\n";
        for (String[] wrong : new String[][] {
            {"12", "the number 12, expected a text"},
            {"false", "the boolean false, expected a text"},
            {"[\"a\"]", "a list [\"a\"], expected a text"},
            {"{\"a\": 1}", "an object {\"a\":1}, expected a text"},
            {"null", "null, expected a text"},
            {"\"\\ud83d\"", "\\ud83d, half of a surrogate pair, expected a text of whole characters"}
        }) {
            assertRefused(
                    "jsonl",
                    "{\"body\": \"good\"" + label + "\n{\"body\": " + wrong[0] + label,
                    "",
                    "my-train.jsonl: line 3, column body: found " + wrong[1]);
        }
        assertRefused(
                "jsonl",
                "{\"body\": \"good\", \"topic\": \"\\udc00\"}\n",
                "",
                "my-train.jsonl: line 1, column topic: found \\udc00, half of a surrogate pair, expected a text of whole"
                        + " characters");
    }

    @Test
    void filesOfOldMacs_areRead_andMessagesStayShort() throws IOException {
        LabelledTask task = task("csv", "body,topic\r\"one\rtwo\",a\rthree,b\r", "topic,body\rb,z\r");
        assertThat(task.train().examples()).extracting(LabelledExample::text).containsExactly("one\ntwo", "three");
        assertRefused(
                "tsv",
                "body\ttopic\rt\ta\ru\r",
                "",
                "my-train.tsv: line 3: found 1 column: \"u\", expected 2" + " separated by tabs: body, topic");
        String names = IntStream.range(0, 5000).mapToObj(i -> "column" + i).collect(Collectors.joining(","));
        assertThatThrownBy(() -> task("csv", names + "\n", ""))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found no column topic, expected one of those there: column0, column1,")
                .hasMessageEndingWith(", \u2026 (5000 in all)")
                .satisfies(e -> assertThat(
                                e.getMessage().length() - folder.toString().length())
                        .isLessThan(350));
    }

    @Test
    void wrongTables_areSaidWithFileAndLine() throws IOException {
        String train = "body\ttopic\nt\ta\nu\tb\n";
        assertRefused(
                "tsv",
                "text\ttopic\nt\ta\n",
                train,
                "my-train.tsv: line 1: found no column body, expected one of those there: text, topic");
        assertRefused(
                "tsv",
                "body\ttopic\tbody\nt\ta\tu\n",
                train,
                "my-train.tsv: line 1: found the column body twice, expected column names that differ");
        assertRefused(
                "tsv",
                "body\ttopic\nt\ta\tb\n",
                train,
                "my-train.tsv: line 2: found 3 columns: \"t\\ta\\tb\", expected 2 separated by tabs: body, topic");
        assertRefused(
                "tsv",
                "body\ttopic\nt\n",
                train,
                "my-train.tsv: line 2: found 1 column: \"t\", expected 2 separated by" + " tabs: body, topic");
        assertRefused(
                "tsv", train, "", "my-dev.tsv: line 1: found the end of the file, expected the names of the columns");
        assertRefused(
                "csv", "\n", "", "my-train.csv: line 1: found the end of the file, expected the names of the columns");
        assertRefused("jsonl", "\n", "", "my-train.jsonl: found no examples, expected at least one");
        assertRefused(
                "jsonl",
                "{\"body\": \"t\", \"label\": 1}\n",
                "",
                "my-train.jsonl: line 1: found no column topic, expected one of those there: body, label");
        assertRefused(
                "jsonl",
                "[1]\n",
                "",
                "my-train.jsonl: line 1: found a JSON array, expected one JSON object a line (JSON Lines)");
        assertThatThrownBy(() -> task("jsonl", "{\"body\": \"t\", \"body\": \"u\"}\n", ""))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("my-train.jsonl: line 1: found \"{\"body\"")
                .hasMessageContaining("uplicate");
        assertThatThrownBy(() -> task("xlsx", train, train))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("my-train.xlsx: found another kind of file, expected a name that ends in .tsv");
    }

    @Test
    void missingFile_isNamed() throws IOException {
        Path train = write("train.tsv", "body\ttopic\nt\ta\nu\tb\n");
        Path dev = folder.resolve("none.tsv");
        assertThatThrownBy(() -> files(train, dev, "body", null, "topic").load())
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(dev + ": no such file, expected the held-out file");
        assertThatThrownBy(() -> files(train, folder, "body", null, "topic").load())
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(folder + ": not a file, expected the held-out file");
        assertThatThrownBy(() -> files(train, train, "body", "body", "topic"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("expected different ones");
    }
}
