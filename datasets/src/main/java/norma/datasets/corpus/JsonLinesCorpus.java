package norma.datasets.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;

/**
 * One key of JSON Lines files; a document per line, those with null or without the key left out.
 *
 * @param paths files, folders or globs
 * @param column the key
 * @param sentences where the sentences of a document end
 */
record JsonLinesCorpus(List<String> paths, String column, SentenceRule sentences) implements Corpus {
    private static final Pattern ENDING = Pattern.compile("\\.(jsonl|ndjson|json)(\\.gz|\\.zst)?$");

    @Override
    public Documents open() {
        return new Texts(files(), column);
    }

    @Override
    public String fingerprint() {
        return "json lines " + column + "\n" + InputFiles.fingerprint(files());
    }

    @Override
    public String name() {
        return String.join(", ", paths);
    }

    @Override
    public List<Path> files() {
        return InputFiles.resolve(paths, name -> ENDING.matcher(name).find());
    }

    private static final class Texts extends Documents {
        private static final int MOST_KEYS = 100; // that are remembered for a message

        private final Iterator<Path> files;
        private final String column;
        private final Set<String> otherKeys = new TreeSet<>();
        private JsonLines lines;
        private boolean found;

        Texts(List<Path> files, String column) {
            this.files = files.iterator();
            this.column = column;
        }

        @Override
        String read() {
            while (true) {
                if (lines == null) {
                    if (!files.hasNext()) {
                        requireFound();
                        return null;
                    }
                    lines = new JsonLines(files.next());
                }
                for (ObjectNode object = lines.next(); object != null; object = lines.next()) {
                    String text = text(object);
                    if (hasText(text)) {
                        return text;
                    }
                }
                lines.close();
                lines = null;
            }
        }

        private String text(ObjectNode object) {
            JsonNode value = object.get(column);
            if (value == null) {
                object.properties().stream()
                        .map(Map.Entry::getKey)
                        .limit(MOST_KEYS - otherKeys.size())
                        .forEach(otherKeys::add);
                return null;
            }
            found = true;
            return lines.text(column, value);
        }

        private void requireFound() {
            if (!found && !otherKeys.isEmpty()) {
                throw InvalidInputException.of("data", "column", column, "one of " + Quoted.list(otherKeys));
            }
        }

        @Override
        public void close() {
            if (lines != null) {
                lines.close();
            }
        }
    }
}
