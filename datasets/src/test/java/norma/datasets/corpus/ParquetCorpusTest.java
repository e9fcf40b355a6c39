package norma.datasets.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class ParquetCorpusTest {
    @TempDir
    Path folder;

    private List<String> read(String name, String column) {
        return TextCorpusTest.read(
                new ParquetCorpus(List.of(folder.resolve(name).toString()), column, SentenceRule.PUNCTUATION));
    }

    private void write(String name, String copy) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(copy + " TO '" + folder.resolve(name) + "' (FORMAT parquet)");
        }
    }

    @Test
    void rows_areDocuments_nullsLeftOut() throws SQLException {
        write(
                "t.parquet",
                "COPY (SELECT i AS id, CASE WHEN i % 3 = 0 THEN NULL ELSE 'row ' || i END AS text FROM range(100000) t(i))");
        assertThat(read("t.parquet", "text"))
                .hasSize(66_666)
                .startsWith("row 1", "row 2", "row 4")
                .endsWith("row 99998");
    }

    @Test
    void columnThatIsMissingOrNoText_isNamed() throws SQLException {
        write("t.parquet", "COPY (SELECT 1 AS id, ['x'] AS words, true AS good, 'x' AS content)");
        assertThatThrownBy(() -> read("t.parquet", "text"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data: column: found text, expected one of id, words, good, content");
        assertThatThrownBy(() -> read("t.parquet", "id"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data: column: found id of type INTEGER, expected a column of text");
        assertThatThrownBy(() -> read("t.parquet", "words")).hasMessageContaining("words of type VARCHAR[]");
        assertThatThrownBy(() -> read("t.parquet", "good")).hasMessageContaining("good of type BOOLEAN");
    }

    @Test
    void whatIsNoParquet_isNamed() throws IOException {
        Files.writeString(folder.resolve("t.parquet"), "nothing of the kind");
        assertThatThrownBy(() -> read("t.parquet", "text"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("t.parquet");
    }
}
