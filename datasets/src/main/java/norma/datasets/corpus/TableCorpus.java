package norma.datasets.corpus;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import norma.datasets.InvalidInputException;

/**
 * One column of JSON Lines or Parquet files, read by DuckDB as a stream; a document per row, nulls left out.
 *
 * @param format of the files
 * @param paths files, folders or globs
 * @param column its name
 */
record TableCorpus(Format format, List<String> paths, String column) implements Corpus {

    /** What DuckDB reads. */
    enum Format {
        JSON_LINES("read_json(%s, format = 'newline_delimited', union_by_name = true)"),
        PARQUET("read_parquet(%s, union_by_name = true)");

        private final String table;

        Format(String table) {
            this.table = table;
        }

        String table(List<Path> files) {
            return String.format(
                    table,
                    files.stream().map(f -> quoted(f.toString(), "'")).collect(Collectors.joining(", ", "[", "]")));
        }
    }

    @Override
    public Documents open() {
        return new Rows(format.table(InputFiles.resolve(paths)), column);
    }

    @Override
    public String fingerprint() {
        return format + " " + column + "\n" + InputFiles.fingerprint(InputFiles.resolve(paths));
    }

    private static String quoted(String text, String quote) {
        return quote + text.replace(quote, quote + quote) + quote;
    }

    private static final class Rows extends Documents {
        private final Connection connection;
        private final Statement statement;
        private final ResultSet rows;

        Rows(String table, String column) {
            Properties properties = new Properties();
            properties.setProperty("jdbc_stream_results", "true");
            try {
                connection = DriverManager.getConnection("jdbc:duckdb:", properties);
                statement = connection.createStatement();
                statement.execute("SET threads = 1"); // rows in the order of the files
                statement.execute("SET memory_limit = '1GB'");
                requireColumn(table, column);
                rows = statement.executeQuery("SELECT CAST(" + quoted(column, "\"") + " AS VARCHAR) FROM " + table);
            } catch (SQLException e) {
                throw unreadable(e);
            }
        }

        private void requireColumn(String table, String column) throws SQLException {
            List<String> columns = new ArrayList<>();
            try (ResultSet described = statement.executeQuery("DESCRIBE SELECT * FROM " + table)) {
                while (described.next()) {
                    columns.add(described.getString(1));
                }
            }
            if (!columns.contains(column)) {
                throw InvalidInputException.of("data", "column", column, "one of " + String.join(", ", columns));
            }
        }

        @Override
        String read() {
            try {
                while (rows.next()) {
                    String text = rows.getString(1);
                    if (text != null) {
                        return text;
                    }
                }
                return null;
            } catch (SQLException e) {
                throw unreadable(e);
            }
        }

        private static InvalidInputException unreadable(SQLException e) {
            return new InvalidInputException(
                    "data.paths: cannot be read as a table: "
                            + e.getMessage().lines().findFirst().orElse(""),
                    e);
        }

        @Override
        public void close() {
            try {
                rows.close();
                statement.close();
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
