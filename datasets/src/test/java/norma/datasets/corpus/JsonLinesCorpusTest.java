package norma.datasets.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class JsonLinesCorpusTest {
    @TempDir
    Path folder;

    private List<String> read(String name, String column) {
        return TextCorpusTest.read(
                new JsonLinesCorpus(List.of(folder.resolve(name).toString()), column, SentenceRule.PUNCTUATION));
    }

    /** Refuses the lines with a message behind the file's name. */
    private void assertRefused(String lines, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), lines);
        assertThatThrownBy(() -> read("a.jsonl", "text"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": " + message);
    }

    @Test
    void texts_areTakenAsWritten_nullsAndMissingAndBlankOnesLeftOutAndCounted() throws IOException {
        Files.writeString(folder.resolve("a[1].jsonl"), """
                {"id": 1, "te'xt": "2020-01-01"}
                {"id": 2, "te'xt": null}

                {"id": 3}
                {"te'xt": "zwei\\nZeilen \\u00e9 \\ud83d\\ude00", "id": 4}
                {"te'xt": "  "}
                {"te'xt": "12", "other": NaN}
                """);
        assertThat(read("a[1].jsonl", "te'xt")).containsExactly("2020-01-01", "zwei\nZeilen é 😀", "12");
        Corpus corpus = new JsonLinesCorpus(
                List.of(folder.resolve("a[1].jsonl").toString()), "te'xt", SentenceRule.PUNCTUATION);
        try (Documents documents = corpus.open()) {
            documents.forEachRemaining(text -> {});
            assertThat(documents.textless()).isEqualTo(3);
        }
    }

    @Test
    void rowsOfManyFiles_comeInTheOrderOfTheFiles() throws IOException {
        List<String> expected = new ArrayList<>();
        Files.createDirectory(folder.resolve("in"));
        for (int file = 0; file < 5; file++) {
            StringBuilder lines = new StringBuilder();
            for (int row = 0; row < 20_000; row++) {
                String text = file + " " + row;
                expected.add(text);
                lines.append("{\"text\": \"").append(text).append("\"}\n");
            }
            try (OutputStream out =
                    new GZIPOutputStream(Files.newOutputStream(folder.resolve("in/" + file + ".jsonl.gz")))) {
                out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
            }
        }
        Files.writeString(folder.resolve("in/README.md"), "no table");
        assertThat(read("in", "text")).isEqualTo(expected);
    }

    @Test
    void columnThatNoRowHas_namesThoseThatAreThere() throws IOException {
        Files.writeString(folder.resolve("a.jsonl"), "{\"title\": \"a\"}\n{\"title\": \"a\", \"body\": \"b\"}\n");
        assertThatThrownBy(() -> read("a.jsonl", "text"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data: column: found text, expected one of body, title");
    }

    @Test
    void whatIsNoObject_isNamedWithItsLine() throws IOException {
        String good = "{\"text\": \"good\"}\n";
        assertRefused(
                good + "{\"text\": \"no brace\"\n" + good,
                "line 2: found \"{\"text\": \"no brace\"\", which ends in the middle of an object, expected one JSON"
                        + " object a line");
        assertRefused(
                good + "\n" + good + "{\"text\": \"half\n" + good,
                "line 4: found \"{\"text\": \"half\", which ends in the middle of an object, expected one JSON object a"
                        + " line");
        assertRefused(good + "5\n", "line 2: found \"5\", expected one JSON object a line");
        assertRefused(
                "{\n\"text\": \"a\"\n}\n",
                "line 1: found \"{\", which ends in the middle of an object, expected one" + " JSON object a line");
    }

    @Test
    void arrays_areNamedAsSuch() throws IOException {
        String expected = "line 1: found a JSON array, expected one JSON object a line (JSON Lines)";
        assertRefused("[{\"text\": \"a\"}, {\"text\": \"b\"}]", expected);
        assertRefused("[\n  {\"text\": \"a\"},\n  {\"text\": \"b\"}\n]\n", expected);
    }

    @Test
    void whatIsNoText_isRefusedWithFileAndLine() throws IOException {
        String good = "{\"text\": \"good\"}\n";
        assertRefused(good + "{\"text\": 12345}\n", "line 2, column text: found the number 12345, expected a text");
        assertRefused(good + "{\"text\": NaN}\n", "line 2, column text: found the number NaN, expected a text");
        assertRefused(good + "{\"text\": true}\n", "line 2, column text: found the boolean true, expected a text");
        assertRefused("{\"text\": [\"a\"]}\n", "line 1, column text: found a list [\"a\"], expected a text");
        assertRefused(
                "{\"text\": {\"en\": \"a\"}}\n",
                "line 1, column text: found an object {\"en\":\"a\"}, expected a text");
    }

    @Test
    void halfASurrogatePair_isRefused() throws IOException {
        for (String half : List.of("\\ud83d", "\\ude00", "a \\ude00\\ud83d")) {
            Files.writeString(folder.resolve("a.jsonl"), "{\"text\": \"" + half + "\"}\n");
            assertThatThrownBy(() -> read("a.jsonl", "text"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("a.jsonl: line 1, column text: found \\u")
                    .hasMessageEndingWith("half of a surrogate pair, expected a text of whole characters");
        }
    }

    @Test
    void messages_quoteNoMoreThan200Characters() throws IOException {
        String name = "k".repeat(5000);
        Files.writeString(folder.resolve("a.jsonl"), "{\"" + name + "\": 1, \"b\": [" + "1,".repeat(5000) + "]}\n");
        Files.writeString(folder.resolve("b.jsonl"), "{\"text\": " + "x".repeat(5000) + "}\n");
        Files.writeString(folder.resolve("c.jsonl"), "{\"text\": [" + "1,".repeat(5000) + "1]}\n");
        for (String file : List.of("a.jsonl", "b.jsonl", "c.jsonl")) {
            assertThatThrownBy(() -> read(file, "text"))
                    .isInstanceOf(InvalidInputException.class)
                    .satisfies(e -> assertThat(
                                    e.getMessage().length() - folder.toString().length())
                            .isLessThan(450));
        }
    }

    @Test
    void linesOfADocument_areItsSentencesWhereThatIsAskedFor() {
        Corpus corpus = Corpus.of("jsonl", List.of("a.jsonl"), "text", DocumentUnit.SENTENCE_PER_LINE);
        assertThat(corpus.sentences()).isEqualTo(SentenceRule.LINES);
    }
}
