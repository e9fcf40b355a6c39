package norma.monitor.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.datasets.json.JsonFile;

/** Reads the small files of a run, which may be replaced or grow meanwhile, and refuses one that leads elsewhere. */
final class SmallFile {
    private static final int LONGEST = 16 << 20;

    private final RunsFolder folder;

    SmallFile(RunsFolder folder) {
        this.folder = folder;
    }

    /**
     * The text of a file.
     *
     * @throws InvalidInputException if it cannot be read, is too long, or lies outside the folder of the runs
     */
    String text(Path file) {
        return new String(bytes(file), StandardCharsets.UTF_8);
    }

    /**
     * The object in a JSON file.
     *
     * @throws InvalidInputException also if it holds none
     */
    ObjectNode json(Path file) {
        return JsonFile.parse(bytes(file), name(file)).node();
    }

    /** The same, or null where there is no such file. */
    JsonNode jsonIfAny(Path file) {
        return Files.exists(file) ? json(file) : null;
    }

    private byte[] bytes(Path file) {
        if (!folder.isInside(file)) {
            throw new InvalidInputException(
                    name(file) + (Files.exists(file) ? ": is a link out of the folder of the runs" : ": no such file"));
        }
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(name(file) + ": is no file, expected one that a run writes");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LONGEST);
            if (in.read() >= 0) {
                throw new InvalidInputException(name(file) + ": has more than " + LONGEST + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new InvalidInputException(name(file) + ": cannot be read: " + FileProblem.reason(e), e);
        }
    }

    private static String name(Path file) {
        return file.getParent().getFileName() + "/" + file.getFileName();
    }
}
