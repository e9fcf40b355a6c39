package norma.datasets.corpus;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * UTF-8 files, plain or compressed.
 *
 * @param paths files, folders or globs
 * @param paragraphs whether a document is a paragraph (its lines joined by blanks) rather than a whole file
 */
record TextCorpus(List<String> paths, boolean paragraphs) implements Corpus {
    @Override
    public Documents open() {
        return new FileDocuments(files(), paragraphs);
    }

    @Override
    public String fingerprint() {
        return "text " + (paragraphs ? "paragraph" : "file") + "\n" + InputFiles.fingerprint(files());
    }

    @Override
    public String name() {
        return "data.paths: " + String.join(", ", paths);
    }

    @Override
    public List<Path> files() {
        return InputFiles.resolve(paths, name -> true);
    }

    /** Paragraphs or whole contents of files. */
    static final class FileDocuments extends Documents {
        private final Iterator<Path> files;
        private final boolean paragraphs;
        private TextLines lines;

        FileDocuments(List<Path> files, boolean paragraphs) {
            this.files = files.iterator();
            this.paragraphs = paragraphs;
        }

        @Override
        String read() {
            while (true) {
                if (lines == null) {
                    if (!files.hasNext()) {
                        return null;
                    }
                    lines = new TextLines(files.next());
                }
                String document = readDocument();
                if (document != null) {
                    return document;
                }
                lines.close();
                lines = null;
            }
        }

        private String readDocument() {
            StringBuilder document = new StringBuilder();
            for (String line = lines.next(); line != null; line = lines.next()) {
                boolean blank = line.isBlank();
                if (blank && paragraphs && document.length() > 0) {
                    return document.toString();
                }
                if (!blank) {
                    document.append(document.length() == 0 ? "" : paragraphs ? " " : "\n")
                            .append(line.strip());
                } else if (document.length() > 0) {
                    document.append('\n');
                }
                if (document.length() > TextLines.LONGEST) {
                    throw lines.tooLong("a document of more than " + TextLines.LONGEST + " characters");
                }
            }
            return document.length() == 0 ? null : document.toString().stripTrailing();
        }

        @Override
        public void close() {
            if (lines != null) {
                lines.close();
            }
        }
    }
}
