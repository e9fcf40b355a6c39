package norma.datasets.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import norma.datasets.base.Hashes;

/**
 * What a file was when it was written.
 *
 * @param bytes its size
 * @param sha256 SHA-256 of its content, as 64 hexadecimal digits
 */
public record FileDigest(long bytes, String sha256) {
    /** Of a file as it is now. */
    public static FileDigest of(Path file) throws IOException {
        return new FileDigest(Files.size(file), Hashes.sha256(file));
    }

    /**
     * What is wrong with a file that should be this one; empty if nothing. Reads all of it where the size is right.
     *
     * @param list what says so, for the message
     */
    public Optional<String> damage(Path file, String list) throws IOException {
        if (!Files.isRegularFile(file)) {
            return Optional.of(file + " is missing");
        }
        if (Files.size(file) != bytes) {
            return Optional.of(file + " has " + Files.size(file) + " bytes, " + list + " says " + bytes);
        }
        return Hashes.sha256(file).equals(sha256)
                ? Optional.empty()
                : Optional.of(file + " differs from the SHA-256 in " + list);
    }
}
