package norma.datasets.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class TableCorpusTest {
    @TempDir
    Path folder;

    private List<String> json(String name, String column) {
        return TextCorpusTest.read(new TableCorpus(
                TableCorpus.Format.JSON_LINES, List.of(folder.resolve(name).toString()), column));
    }

    private List<String> parquet(String name, String column) {
        return TextCorpusTest.read(new TableCorpus(
                TableCorpus.Format.PARQUET, List.of(folder.resolve(name).toString()), column));
    }

    @Test
    void jsonLines_giveTheColumnAsWritten_nullsAndBlanksLeftOut() throws IOException {
        Files.writeString(folder.resolve("a[1].jsonl"), """
                {"id": 1, "te'xt": "2020-01-01"}
                {"id": 2, "te'xt": null}
                {"id": 3}
                {"te'xt": "zwei\\nZeilen \\u00e9 \\ud83d\\ude00", "id": 4}
                {"te'xt": "  "}
                {"te'xt": "12"}
                """);
        assertThat(json("a[1].jsonl", "te'xt")).containsExactly("2020-01-01", "zwei\nZeilen é 😀", "12");
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
        assertThat(json("in", "text")).isEqualTo(expected);
    }

    @Test
    void parquet_isRead() throws SQLException {
        write(
                "COPY (SELECT i AS id, CASE WHEN i % 3 = 0 THEN NULL ELSE 'row ' || i END AS text FROM range(100000) t(i))");
        List<String> rows = parquet("t.parquet", "text");
        assertThat(rows).hasSize(66_666).startsWith("row 1", "row 2", "row 4").endsWith("row 99998");
    }

    private void write(String copy) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(copy + " TO '" + folder.resolve("t.parquet") + "' (FORMAT parquet)");
        }
    }

    @Test
    void missingColumn_namesThoseThatAreThere() throws Exception {
        Files.writeString(folder.resolve("a.jsonl"), "{\"title\": \"a\", \"body\": \"b\"}\n");
        assertThatThrownBy(() -> json("a.jsonl", "text"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data: column: found text, expected one of title, body");
        write("COPY (SELECT 1 AS id, 'x' AS content)");
        assertThatThrownBy(() -> parquet("t.parquet", "text"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data: column: found text, expected one of id, content");
        assertThatThrownBy(() -> parquet("t.parquet", "id"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found id of type INTEGER, expected a column of text");
    }

    @Test
    void whatIsNoTable_isNamed() throws IOException {
        Files.writeString(folder.resolve("a.jsonl"), "{\"text\": \"a\"}\n{\"text\": \n");
        Files.writeString(folder.resolve("t.parquet"), "nothing of the kind");
        Files.write(folder.resolve("l.jsonl"), "{\"text\": \"\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> json("a.jsonl", "text"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a.jsonl");
        assertThatThrownBy(() -> parquet("t.parquet", "text"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("t.parquet");
        assertThatThrownBy(() -> json("l.jsonl", "text"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("l.jsonl");
    }
}
