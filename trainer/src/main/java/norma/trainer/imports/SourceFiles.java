package norma.trainer.imports;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import norma.datasets.base.InvalidInputException;

/**
 * The files of a source, one after the other: of a folder, of a zip or jar, and of zips inside it, none of them
 * unpacked. Looking at them again reads them again.
 */
final class SourceFiles {
    /** How far down in a folder files are looked for: a SavedModel's lie in folders of it. */
    static final int DEPTH = 3;

    private static final byte[] ZIP = {'P', 'K', 3, 4};

    private final Path source;

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

    /** Visits every file, those of a folder in the order of their names. */
    void forEach(Visitor visitor) throws IOException {
        if (Files.isDirectory(source)) {
            folder(source, DEPTH, visitor);
            return;
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(source), 1 << 16)) {
            if (isZip(in)) {
                zip("", in, visitor);
                return;
            }
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

    private void zip(String prefix, InputStream in, Visitor visitor) throws IOException {
        ZipInputStream zip = new ZipInputStream(in);
        try {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.isDirectory()) {
                    continue;
                }
                InputStream content = new BufferedInputStream(zip, 1 << 16);
                if (isZip(content)) {
                    zip(prefix + entry.getName() + "/", content, visitor);
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

    private static boolean isZip(InputStream in) throws IOException {
        in.mark(ZIP.length);
        byte[] start = in.readNBytes(ZIP.length);
        in.reset();
        return java.util.Arrays.equals(start, ZIP);
    }
}
