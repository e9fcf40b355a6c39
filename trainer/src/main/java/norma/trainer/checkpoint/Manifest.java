package norma.trainer.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileDigest;
import norma.datasets.files.FileProblem;
import norma.datasets.files.InnerPath;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * {@code manifest.json} of a checkpoint folder: size and SHA-256 of every file that was written with it.
 *
 * <p>A folder that has one is compared with it before anything in the folder is used, however the folder was named; one
 * that has none, such as a published model's, is taken as it is. Whoever is given a folder checks all of it; whoever
 * reads weights checks what it reads.
 */
public final class Manifest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** What a checkpoint consists of: a manifest that leaves one of them out has lost it. */
    private static final List<String> KNOWN = List.of(
            CheckpointFiles.CONFIG,
            CheckpointFiles.WEIGHTS,
            CheckpointFiles.OPTIMIZER,
            CheckpointFiles.TOKENIZER,
            CheckpointFiles.TOKENIZER_CONFIG,
            CheckpointFiles.STATE,
            CheckpointFiles.CARD);

    private Manifest() {}

    /** Writes the manifest of all files in a folder and below it. */
    static void write(Path folder) throws IOException {
        ObjectNode manifest = MAPPER.createObjectNode();
        ObjectNode files = manifest.putObject("files");
        try (Stream<Path> list = Files.walk(folder)) {
            for (Path file : list.filter(Files::isRegularFile).sorted().toList()) {
                FileDigest digest = FileDigest.of(file);
                files.putObject(folder.relativize(file).toString().replace('\\', '/'))
                        .put("bytes", digest.bytes())
                        .put("sha256", digest.sha256());
            }
        }
        MAPPER.writerWithDefaultPrettyPrinter()
                .writeValue(new CheckpointFiles(folder).manifest().toFile(), manifest);
    }

    /** Whether a folder has a manifest. */
    public static boolean isIn(Path folder) {
        return Files.exists(new CheckpointFiles(folder).manifest());
    }

    /**
     * Refuses a folder whose files are not as they were written. One without a manifest passes.
     *
     * @throws InvalidInputException naming the first file that is missing or differs
     */
    public static void requireWhole(Path folder) {
        require(folder, name -> true);
    }

    /**
     * Refuses a folder of which some files are not as they were written. One without a manifest passes.
     *
     * @param names of the files that are about to be read
     * @throws InvalidInputException naming the first of them that is missing or differs
     */
    public static void requireWhole(Path folder, List<String> names) {
        require(folder, names::contains);
    }

    private static void require(Path folder, Predicate<String> read) {
        if (isIn(folder)) {
            damage(folder, read).ifPresent(words -> {
                throw new InvalidInputException(
                        words + ", expected the files that were written with " + CheckpointFiles.MANIFEST);
            });
        }
    }

    /**
     * What is wrong with a folder that should have a manifest: the first file that is missing or differs, or nothing.
     */
    static Optional<String> damage(Path folder) {
        return damage(folder, name -> true);
    }

    private static Optional<String> damage(Path folder, Predicate<String> read) {
        Path manifest = new CheckpointFiles(folder).manifest();
        if (!Files.isRegularFile(manifest)) {
            return Optional.of(manifest + " is missing");
        }
        try {
            JsonObject files = JsonFile.read(manifest).object("files");
            for (String name : KNOWN) {
                boolean needed = name.equals(CheckpointFiles.CONFIG) || name.equals(CheckpointFiles.WEIGHTS);
                if (!files.has(name) && (needed || Files.exists(folder.resolve(name)))) {
                    return Optional.of(manifest + " does not list " + name);
                }
            }
            for (Map.Entry<String, JsonObject> entry : files.objectsByKey().entrySet()) {
                Path file = InnerPath.resolve(folder, entry.getKey())
                        .orElseThrow(() -> files.wrong(entry.getKey(), "that name", "that of a file in the folder"));
                if (read.test(entry.getKey())) {
                    JsonObject listed = entry.getValue();
                    FileDigest written = new FileDigest(listed.wholeNumber("bytes", 0), listed.text("sha256"));
                    Optional<String> damage = written.damage(file, "the manifest");
                    if (damage.isPresent()) {
                        return damage;
                    }
                }
            }
            return Optional.empty();
        } catch (InvalidInputException e) {
            return Optional.of(e.getMessage());
        } catch (IOException e) {
            return Optional.of(folder + " cannot be read: " + FileProblem.sentence(e));
        }
    }
}
