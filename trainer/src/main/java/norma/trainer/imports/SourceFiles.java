package norma.trainer.imports;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.MistakenContent;
import norma.datasets.files.SpecialFile;

/**
 * The files of a source, one after the other: of a folder, of a zip or jar, and of zips inside it, none of them
 * unpacked. Looking at them again reads them again. What an archive expands to is bounded, and so is how deep archives
 * lie in each other.
 */
final class SourceFiles {
    /** How far down in a folder files are looked for: a SavedModel's lie in folders of it. */
    static final int DEPTH = 3;

    private static final byte[] ZIP = {'P', 'K', 3, 4};
    private static final int LONGEST_SMALL = 1 << 28;
    private static final int MOST_NESTED = 8;
    private static final long MOST_EXPANDED = 256; // bytes for each byte of the archive: texts come to 5
    private static final long ALWAYS_ALLOWED = 1 << 28;

    private final Path source;
    private long expanded; // bytes so far, those of inner archives again at each level
    private long mostExpanded;

    /**
     * Files of a folder, an archive, or one file with its neighbours.
     *
     * @throws InvalidInputException if there is nothing of that name
     */
    SourceFiles(Path source) {
        this.source = source;
        if (!Files.exists(source)) {
            throw new InvalidInputException(source + ": no such file or folder, expected a model to import");
        }
        SpecialFile.refuse(source, "a model to import");
        SpecialFile.refuseInside(source, "the files of a model");
    }

    /** Takes a file; what it leaves unread is passed over. */
    @FunctionalInterface
    interface Visitor {
        /**
         * A file.
         *
         * @param name with its folders inside the source, separated by slashes
         */
        void visit(String name, InputStream in) throws IOException;
    }

    Path path() {
        return source;
    }

    /**
     * All of a file that is read whole: a vocabulary, an index, a configuration.
     *
     * @throws InvalidInputException if it is longer than any of these is
     */
    byte[] small(String name, InputStream in) throws IOException {
        return whole(name, in, LONGEST_SMALL);
    }

    /**
     * All of a file.
     *
     * @throws InvalidInputException if it has more than so many bytes
     */
    byte[] whole(String name, InputStream in, int most) throws IOException {
        byte[] bytes = in.readNBytes(most);
        if (in.read() >= 0) {
            throw InvalidInputException.of(source + ": " + name, "size", "more than " + most + " bytes", "fewer");
        }
        return bytes;
    }

    /** Visits every file, those of a folder in the order of their names. */
    void forEach(Visitor visitor) throws IOException {
        if (Files.isDirectory(source)) {
            folder(source, DEPTH, visitor);
            return;
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(source), 1 << 16)) {
            if (isZip(in)) {
                expanded = 0;
                mostExpanded = ALWAYS_ALLOWED + MOST_EXPANDED * Files.size(source);
                zip("", in, 1, visitor);
                return;
            }
            MistakenContent.refuseText(in, source.toString(), "a model, or a zip or jar with one");
        }
        folder(source.toAbsolutePath().getParent(), 1, visitor); // one file of a model: the others lie beside it
    }

    private static void folder(Path folder, int depth, Visitor visitor) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder, depth)) {
            files = found.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
                visitor.visit(folder.relativize(file).toString().replace('\\', '/'), in);
            }
        }
    }

    private void zip(String prefix, InputStream in, int depth, Visitor visitor) throws IOException {
        if (depth > MOST_NESTED) {
            throw InvalidInputException.of(
                    source.toString(), prefix, "archives more than " + MOST_NESTED + " deep in each other", "fewer");
        }
        ZipInputStream zip = new ZipInputStream(in);
        InputStream bounded = new Bounded(zip);
        try {
            for (ZipEntry entry = next(zip, prefix); entry != null; entry = next(zip, prefix)) {
                if (entry.isDirectory()) {
                    continue;
                }
                InputStream content = new BufferedInputStream(bounded, 1 << 16);
                if (isZip(content)) {
                    zip(prefix + entry.getName() + "/", content, depth + 1, visitor);
                } else {
                    visitor.visit(prefix + entry.getName(), content);
                }
            }
        } catch (ZipException e) {
            throw new InvalidInputException(source + ": a damaged zip: " + e.getMessage(), e);
        } catch (java.io.EOFException e) {
            throw new InvalidInputException(source + ": ends inside a zip entry, expected a whole file", e);
        }
    }

    /** Leaves the present entry, whose rest counts, and goes to the next; null after the last. */
    private ZipEntry next(ZipInputStream zip, String prefix) throws IOException {
        try {
            new Bounded(zip).transferTo(OutputStream.nullOutputStream());
            return zip.getNextEntry();
        } catch (IllegalArgumentException e) { // Java's word for it
            throw InvalidInputException.of(source.toString(), prefix + "?", "a name of other bytes", "names in UTF-8");
        }
    }

    /** Counts what comes out of an archive. */
    private final class Bounded extends FilterInputStream {
        Bounded(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            return counted(value < 0 ? -1 : 1) < 0 ? -1 : value;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            return counted(in.read(bytes, from, length));
        }

        private int counted(int bytes) {
            expanded += Math.max(0, bytes);
            if (expanded > mostExpanded) {
                throw InvalidInputException.of(
                        source.toString(),
                        "archive",
                        "more than " + mostExpanded + " bytes inside",
                        "at most " + MOST_EXPANDED + " for each of its own");
            }
            return bytes;
        }
    }

    private static boolean isZip(InputStream in) throws IOException {
        in.mark(ZIP.length);
        byte[] start = in.readNBytes(ZIP.length);
        in.reset();
        return java.util.Arrays.equals(start, ZIP);
    }
}
