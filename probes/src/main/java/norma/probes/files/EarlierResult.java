package norma.probes.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
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

    private EarlierResult() {}

    /**
     * Notes the options in a new result, and makes room for it.
     *
     * @param folder of the results
     * @param name of the new result
     * @param result the new one
     * @param options that decide what it says, each as it was typed
     * @return the name that an earlier result of other options has now; empty if there was none
     * @throws IOException if it cannot be moved; it is then still where it was
     */
    public static Optional<String> keep(Path folder, String name, ObjectNode result, List<String> options)
            throws IOException {
        ArrayNode noted = result.putArray(OPTIONS);
        options.stream().sorted().forEach(noted::add);
        ProbeFiles files = new ProbeFiles(folder);
        if (!Files.isRegularFile(files.json(name))) {
            return Optional.empty();
        }
        Optional<JsonNode> before = options(files.json(name));
        if (before.isPresent() && before.get().equals(noted)) {
            return Optional.empty();
        }
        String kept = name + "-" + before.map(EarlierResult::words).orElse("earlier");
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
        CRC32 rest = new CRC32();
        rest.update(name.getBytes(StandardCharsets.UTF_8));
        return name.substring(0, LONGEST) + "-" + String.format(Locale.ROOT, "%08x", rest.getValue());
    }

    private static void move(Path folder, String from, String to) throws IOException {
        if (Files.exists(folder.resolve(from))) {
            Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.deleteIfExists(folder.resolve(to)); // of an earlier result of that name, which is replaced
        }
    }
}
