package norma.datasets.corpus;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;

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
        JSON_LINES(
                "\\.(jsonl|ndjson|json)(\\.gz|\\.zst)?",
                "read_json(%s, format = 'newline_delimited', maximum_object_size = 67108864, union_by_name = true)",
                "read_json(%s, format = 'newline_delimited', maximum_object_size = 67108864, columns = {%s: 'VARCHAR'})",
                // as detected from strings; the values themselves are then read as they are written
                "VARCHAR|JSON|UUID|DATE|TIME|TIMESTAMP"),
        PARQUET(
                "\\.(parquet|pq)",
                "read_parquet(%s, union_by_name = true)",
                "read_parquet(%s, union_by_name = true)",
                "VARCHAR|JSON");

        private final Pattern ending;
        private final String described;
        private final String read;
        private final String textTypes;

        Format(String ending, String described, String read, String textTypes) {
            this.ending = Pattern.compile(ending + "$");
            this.described = described;
            this.read = read;
            this.textTypes = textTypes;
        }

        List<Path> files(List<String> paths) {
            return InputFiles.resolve(paths, name -> ending.matcher(name).find());
        }
    }

    @Override
    public Documents open() {
        return new Rows(format, files(), column);
    }

    @Override
    public String fingerprint() {
        return format + " " + column + "\n" + InputFiles.fingerprint(files());
    }

    @Override
    public String name() {
        return "data.paths: " + String.join(", ", paths);
    }

    @Override
    public List<Path> files() {
        return format.files(paths);
    }

    private static final class Rows extends Documents {
        private final Connection connection;
        private final Statement statement;
        private final ResultSet rows;

        Rows(Format format, List<Path> files, String column) {
            String list = files.stream().map(Rows::literal).collect(Collectors.joining(", ", "[", "]"));
            Properties properties = new Properties();
            properties.setProperty("jdbc_stream_results", "true");
            try {
                connection = DriverManager.getConnection("jdbc:duckdb:", properties);
            } catch (SQLException e) {
                throw new IllegalStateException("DuckDB does not start", e);
            }
            try {
                statement = connection.createStatement();
                statement.execute("SET threads = 1"); // rows in the order of the files
                statement.execute("SET memory_limit = '1GB'");
                statement.execute("SET autoinstall_known_extensions = false"); // nothing is fetched
                requireText(format, String.format(format.described, list), column);
                String table = String.format(format.read, list, quoted(column, "'"));
                rows = statement.executeQuery("SELECT " + quoted(column, "\"") + " FROM " + table);
            } catch (SQLException e) {
                close(connection);
                throw unreadable(e);
            } catch (InvalidInputException e) {
                close(connection);
                throw e;
            }
        }

        private static String literal(Path file) {
            return quoted(file.toString().replaceAll("[\\[*?]", "[$0]"), "'"); // not as a glob
        }

        private static String quoted(String text, String quote) {
            return quote + text.replace(quote, quote + quote) + quote;
        }

        private void requireText(Format format, String table, String column) throws SQLException {
            Map<String, String> types = new LinkedHashMap<>();
            try (ResultSet described = statement.executeQuery("DESCRIBE SELECT * FROM " + table)) {
                while (described.next()) {
                    types.put(described.getString(1), described.getString(2));
                }
            }
            if (!types.containsKey(column)) {
                throw InvalidInputException.of("data", "column", column, "one of " + String.join(", ", types.keySet()));
            }
            if (!types.get(column).matches(format.textTypes)) {
                throw InvalidInputException.of(
                        "data", "column", column + " of type " + types.get(column), "a column of text");
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
            String message = e.getMessage().lines().findFirst().orElse("no reason given");
            return new InvalidInputException("data.paths: cannot be read as a table: " + message, e);
        }

        @Override
        public void close() {
            close(connection); // and with it statement and rows
        }

        private static void close(Connection connection) {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
