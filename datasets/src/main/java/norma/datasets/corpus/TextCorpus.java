package norma.datasets.corpus;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * UTF-8 files, plain or compressed.
 *
 * @param paths files, folders or globs
 * @param unit what a document is
 */
record TextCorpus(List<String> paths, DocumentUnit unit) implements Corpus {
    @Override
    public Documents open() {
        return new FileDocuments(files(), unit);
    }

    @Override
    public SentenceRule sentences() {
        return unit.sentences();
    }

    @Override
    public String fingerprint() {
        return "text " + unit.key() + "\n" + InputFiles.fingerprint(files());
    }

    @Override
    public String name() {
        return String.join(", ", paths);
    }

    @Override
    public List<Path> files() {
        return InputFiles.resolve(paths, name -> true);
    }

    /** The documents of files, one file after the other. */
    static final class FileDocuments extends Documents {
        private final Iterator<Path> files;
        private final DocumentUnit unit;
        private TextLines lines;

        FileDocuments(List<Path> files, DocumentUnit unit) {
            this.files = files.iterator();
            this.unit = unit;
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
                String document = unit == DocumentUnit.LINE ? lines.next() : readDocument();
                if (document != null) {
                    return document.strip();
                }
                lines.close();
                lines = null;
            }
        }

        private String readDocument() {
            StringBuilder document = new StringBuilder();
            String between = unit == DocumentUnit.PARAGRAPH ? " " : "\n";
            for (String line = lines.next(); line != null; line = lines.next()) {
                boolean blank = line.isBlank();
                if (blank && unit != DocumentUnit.FILE && document.length() > 0) {
                    return document.toString();
                }
                if (!blank) {
                    document.append(document.length() == 0 ? "" : between).append(line.strip());
                } else if (document.length() > 0) {
                    document.append('\n');
                }
                if (document.length() > TextLines.LONGEST) {
                    throw lines.tooLong("a document of more than " + TextLines.LONGEST + " characters");
                }
            }
            return document.length() == 0 ? null : document.toString();
        }

        @Override
        public void close() {
            if (lines != null) {
                lines.close();
            }
        }
    }
}
