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
import norma.datasets.base.Quoted;

/**
 * One column of Parquet files, read by DuckDB as a stream; a document per row, nulls left out.
 *
 * @param paths files, folders or globs
 * @param column its name
 * @param sentences where the sentences of a document end
 */
record ParquetCorpus(List<String> paths, String column, SentenceRule sentences) implements Corpus {

    private static final Pattern ENDING = Pattern.compile("\\.(parquet|pq)$");
    private static final Pattern TEXT_TYPES = Pattern.compile("VARCHAR|JSON");

    @Override
    public Documents open() {
        return new Rows(files(), column);
    }

    @Override
    public String fingerprint() {
        return "parquet " + column + "\n" + InputFiles.fingerprint(files());
    }

    @Override
    public String name() {
        return String.join(", ", paths);
    }

    @Override
    public List<Path> files() {
        return InputFiles.resolve(paths, name -> ENDING.matcher(name).find());
    }

    private static final class Rows extends Documents {
        private final List<Path> files;
        private final Connection connection;
        private final Statement statement;
        private final ResultSet rows;

        Rows(List<Path> files, String column) {
            this.files = files;
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
                String table = "read_parquet(" + list + ", union_by_name = true)";
                requireText(table, column);
                rows = statement.executeQuery("SELECT " + quoted(column, "\"") + " FROM " + table);
            } catch (SQLException e) {
                InvalidInputException unreadable = unreadable(e);
                close(connection);
                throw unreadable;
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

        private void requireText(String table, String column) throws SQLException {
            Map<String, String> types = new LinkedHashMap<>();
            try (ResultSet described = statement.executeQuery("DESCRIBE SELECT * FROM " + table)) {
                while (described.next()) {
                    types.put(described.getString(1), described.getString(2));
                }
            }
            if (!types.containsKey(column)) {
                throw InvalidInputException.of("data", "column", column, "one of " + Quoted.list(types.keySet()));
            }
            if (!TEXT_TYPES.matcher(types.get(column)).matches()) {
                throw InvalidInputException.of(
                        "data", "column", column + " of type " + types.get(column), "a column of text");
            }
        }

        @Override
        String read() {
            try {
                while (rows.next()) {
                    String text = rows.getString(1);
                    if (hasText(text)) {
                        return text;
                    }
                }
                return null;
            } catch (SQLException e) {
                throw unreadable(e);
            }
        }

        private InvalidInputException unreadable(SQLException e) {
            String message = e.getMessage().lines().findFirst().orElse("no reason given");
            return new InvalidInputException(damaged() + ": cannot be read as Parquet: " + Quoted.of(message), e);
        }

        /** DuckDB does not say which of several files it is: the first that cannot be read by itself. */
        private String damaged() {
            for (Path file : files) {
                try (Statement alone = connection.createStatement()) {
                    alone.execute("SELECT max(hash(t)) FROM read_parquet(" + literal(file) + ") t");
                } catch (SQLException e) {
                    return file.toString();
                }
            }
            return Quoted.list(files.stream().map(Path::toString).toList());
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
