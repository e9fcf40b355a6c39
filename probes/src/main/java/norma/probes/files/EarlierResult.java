package norma.probes.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;

/**
 * Keeps what a probe found before with other options. The newest result of a probe has the probe's name; before it is
 * written, an earlier one that was made with other options goes with its table and figures to a name made from these.
 */
public final class EarlierResult {
    private static final String OPTIONS = "options";
    private static final List<String> FORMATS = List.of(".csv", ".png", ".svg", ".pdf");
    /** Longer names are hard to read, and some file systems end at 255 bytes. */
    private static final int LONGEST = 80;
    /** Of a hash, where a name alone does not tell two results apart. */
    private static final int DIGITS = 8;

    private EarlierResult() {}

    /**
     * Notes in a result how it was made.
     *
     * @param options that decide what it says, each as it was typed
     */
    public static void note(ObjectNode result, List<String> options) {
        options.stream().sorted().forEach(result.putArray(OPTIONS)::add);
    }

    /**
     * Makes room for a new result.
     *
     * @param folder of the results
     * @param name of the new result
     * @param result the new one, in which its options are {@linkplain #note noted}
     * @return the name that an earlier result of other options has now; empty if there was none
     * @throws IOException if it cannot be moved; it is then still where it was
     */
    public static Optional<String> keep(Path folder, String name, ObjectNode result) throws IOException {
        ProbeFiles files = new ProbeFiles(folder);
        Path earlier = files.json(name);
        if (!Files.isRegularFile(earlier)) {
            return Optional.empty();
        }
        Optional<JsonNode> before = options(earlier);
        if (before.isPresent() && before.get().equals(result.get(OPTIONS))) {
            return Optional.empty();
        }
        String kept = name + "-" + before.map(EarlierResult::words).orElse("earlier");
        if (Files.exists(files.json(kept)) && !(before.isPresent() && before.equals(options(files.json(kept))))) {
            kept += "-" + Hashes.sha256(earlier).substring(0, DIGITS); // other options that have the same words
        }
        for (String figure : ProbeFiles.figuresOf(name)) {
            for (String format : FORMATS) {
                move(folder, figure + format, kept + figure.substring(name.length()) + format);
            }
        }
        move(folder, name + ".json", kept + ".json"); // last: what was interrupted is continued the next time
        return Optional.of(kept);
    }

    /** Those of a result; empty for one that notes none, or is damaged. */
    private static Optional<JsonNode> options(Path file) {
        try {
            return Optional.ofNullable(
                    JsonFile.read(file, "what a probe found").node().get(OPTIONS));
        } catch (InvalidInputException e) {
            return Optional.empty();
        }
    }

    /** Options as part of a file's name: {@code dims-3-17-eval-rows-64}. */
    private static String words(JsonNode options) {
        StringBuilder words = new StringBuilder();
        options.forEach(option -> words.append(option.asText()).append(' '));
        String name = words.toString().replaceAll("[^A-Za-z0-9.]+", "-").replaceAll("^[-.]+|[-.]+$", "");
        if (name.length() <= LONGEST) {
            return name.isEmpty() ? "default" : name;
        }
        return name.substring(0, LONGEST) + "-" + Hashes.sha256(name).substring(0, DIGITS);
    }

    private static void move(Path folder, String from, String to) throws IOException {
        if (Files.exists(folder.resolve(from))) {
            Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.deleteIfExists(folder.resolve(to)); // of an earlier result of that name, which is replaced
        }
    }
}
