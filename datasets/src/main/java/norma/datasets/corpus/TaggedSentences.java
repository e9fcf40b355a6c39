package norma.datasets.corpus;

import java.nio.file.Path;
import java.util.StringJoiner;

/** Sentences of a file with a word and its tag on each line and an empty line behind each sentence. */
final class TaggedSentences extends Documents {
    private final TextLines lines;

    TaggedSentences(Path file) {
        this.lines = new TextLines(file);
    }

    @Override
    String read() {
        StringJoiner sentence = new StringJoiner(" ");
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (!line.isBlank()) {
                sentence.add(line.split("\t", 2)[0]);
            } else if (sentence.length() > 0) {
                return sentence.toString();
            }
        }
        return sentence.length() == 0 ? null : sentence.toString();
    }

    @Override
    public void close() {
        lines.close();
    }
}
