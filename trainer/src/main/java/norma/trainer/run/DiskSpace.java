package norma.trainer.run;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import norma.datasets.base.InvalidInputException;

/**
 * Whether a run has room, before it writes anything: one that fills the disk loses time, and its resumption would too.
 */
public final class DiskSpace {
    private static final double MEBIBYTE = 1 << 20;

    private DiskSpace() {}

    /**
     * Says what a run needs, and refuses a disk without that much room.
     *
     * @param folder that exists, on the disk
     * @param needed bytes that the run may have to add to what is there, at its largest
     * @param parts what they are made of, in brackets behind the sum
     * @param smaller which settings make it less
     * @throws InvalidInputException if less is free
     */
    public static void require(Path folder, long needed, String parts, String smaller, RunListener listener)
            throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        listener.message(
                "disk: about " + mebibytes(needed) + " (" + parts + "), " + mebibytes(free) + " free on " + folder);
        if (free < needed) {
            throw new InvalidInputException(folder + ": " + mebibytes(free) + " are free, expected about "
                    + mebibytes(needed) + " (" + parts + "); " + smaller + " make it less");
        }
    }

    /** Bytes that are free where a folder is or would be made. */
    public static long free(Path folder) throws IOException {
        Path there = folder.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        return Files.getFileStore(there).getUsableSpace();
    }

    /** A size in MiB, small ones with a decimal. */
    public static String mebibytes(long bytes) {
        double size = bytes / MEBIBYTE;
        return String.format(Locale.ROOT, size < 100 ? "%.1f MiB" : "%,.0f MiB", size);
    }

    /** Bytes of all files in a folder and below it, without those that vanish meanwhile; 0 if there is none. */
    public static long bytesOf(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        LongAdder bytes = new LongAdder();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes.add(attributes.isRegularFile() ? attributes.size() : 0);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // a run in training renames what it has written
                }
                throw e;
            }
        });
        return bytes.sum();
    }
}
