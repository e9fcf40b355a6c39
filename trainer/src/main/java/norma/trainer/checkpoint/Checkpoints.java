package norma.trainer.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileProblem;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsWriter;

/**
 * The checkpoints of a run. One is written into a hidden folder beside the others, forced to disk and renamed, and one
 * that goes is renamed to a hidden folder first; so a folder that has its final name is whole.
 */
public final class Checkpoints {
    private static final Pattern NAME = Pattern.compile("step-(\\d{8,})");
    private static final String TEMPORARY = ".writing-";
    private static final String REMOVED = ".removing-";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;

    /** The checkpoints in a folder, which is made with the first. */
    public Checkpoints(Path folder) {
        this.folder = folder;
    }

    /**
     * What a checkpoint holds.
     *
     * @param networks by name; that of the empty name lies in the folder itself, another in a folder of its name there,
     *     which is a checkpoint folder too
     * @param tokenizer the text of tokenizer.json
     * @param tokenizerConfig Hugging Face's tokenizer_config.json
     * @param state step, seed, data position; null for a model that is trained no further
     * @param card the text of README.md; null for none
     */
    public record Contents(
            Map<String, NetworkFiles> networks,
            String tokenizer,
            ObjectNode tokenizerConfig,
            ObjectNode state,
            String card) {
        /** Without a card. */
        public Contents(
                Map<String, NetworkFiles> networks, String tokenizer, ObjectNode tokenizerConfig, ObjectNode state) {
            this(networks, tokenizer, tokenizerConfig, state, null);
        }
    }

    /**
     * What a checkpoint holds of one network.
     *
     * @param config Hugging Face's config.json
     * @param weights by Hugging Face name
     * @param optimizerState the moments; null for a model that is trained no further
     */
    public record NetworkFiles(
            ObjectNode config, Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState) {}

    /**
     * Writes a checkpoint; one of the same step is replaced.
     *
     * @throws IOException if it cannot be written; then nothing of it is left
     */
    public Checkpoint write(long step, Contents contents) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            DurableFiles.syncFolder(folder.toAbsolutePath().getParent());
        }
        Path target = folder.resolve(name(step));
        writeFolder(target, contents);
        return new Checkpoint(target, step);
    }

    /**
     * Writes a checkpoint folder; one of the same name is replaced.
     *
     * @param target in a folder that exists
     * @throws IOException naming the target if it cannot be written; then nothing of it is left
     */
    public static void writeFolder(Path target, Contents contents) throws IOException {
        Path temporary = target.resolveSibling(TEMPORARY + target.getFileName());
        DurableFiles.delete(temporary);
        try {
            Files.createDirectory(temporary);
            writeFiles(temporary, contents);
            Manifest.write(temporary);
            sync(temporary);
            if (Files.exists(target)) {
                remove(target);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.syncFolder(target.toAbsolutePath().getParent());
        } catch (IOException | RuntimeException e) {
            try {
                DurableFiles.delete(temporary);
            } catch (IOException cleaning) {
                e.addSuppressed(cleaning); // the first failure is the one to tell
            }
            if (e instanceof IOException problem) {
                throw FileProblem.of(target, problem);
            }
            throw e;
        }
    }

    private static void writeFiles(Path temporary, Contents contents) throws IOException {
        for (Map.Entry<String, NetworkFiles> network : contents.networks().entrySet()) {
            Path folder = temporary.resolve(network.getKey());
            Files.createDirectories(folder);
            writeNetwork(folder, network.getValue());
            CheckpointFiles files = new CheckpointFiles(folder);
            Files.writeString(files.tokenizer(), contents.tokenizer());
            writeJson(files.tokenizerConfig(), contents.tokenizerConfig());
            if (!folder.equals(temporary)) {
                Manifest.write(folder); // of a model that can be used by itself
            }
        }
        if (contents.state() != null) {
            writeJson(new CheckpointFiles(temporary).state(), contents.state());
        }
        if (contents.card() != null) {
            Files.writeString(new CheckpointFiles(temporary).card(), contents.card());
        }
    }

    private static void writeNetwork(Path folder, NetworkFiles network) throws IOException {
        CheckpointFiles files = new CheckpointFiles(folder);
        writeJson(files.config(), network.config());
        SafetensorsWriter.write(files.weights(), network.weights(), Map.of("format", "pt"));
        if (network.optimizerState() != null) {
            SafetensorsWriter.write(files.optimizer(), network.optimizerState(), Map.of());
        }
    }

    private static void writeJson(Path file, ObjectNode json) throws IOException {
        MAPPER.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
    }

    /** Every checkpoint with its final name, oldest first. */
    public List<Checkpoint> all() throws IOException {
        List<Checkpoint> checkpoints = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> list = Files.list(folder)) {
                list.forEach(path -> step(path).ifPresent(step -> checkpoints.add(new Checkpoint(path, step))));
            }
        }
        checkpoints.sort(Comparator.comparingLong(Checkpoint::step));
        return checkpoints;
    }

    /**
     * The newest checkpoint that is as it was written.
     *
     * @param warning told of each damaged one that is passed over
     */
    public Optional<Checkpoint> newestWhole(Consumer<String> warning) throws IOException {
        return newestWhole(step -> true, warning);
    }

    /** The same of the steps that are wanted. */
    public Optional<Checkpoint> newestWhole(LongPredicate wanted, Consumer<String> warning) throws IOException {
        List<Checkpoint> checkpoints = all();
        for (int i = checkpoints.size() - 1; i >= 0; i--) {
            if (!wanted.test(checkpoints.get(i).step())) {
                continue;
            }
            Optional<String> damage = checkpoints.get(i).damage();
            if (damage.isEmpty()) {
                return Optional.of(checkpoints.get(i));
            }
            warning.accept("damaged checkpoint passed over: " + damage.get());
        }
        return Optional.empty();
    }

    /** Removes what an interrupted write or removal left, and the checkpoints after a step. */
    public void cutAfter(long step) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        for (Checkpoint checkpoint : all()) {
            if (checkpoint.step() > step) {
                remove(checkpoint.folder());
            }
        }
        try (Stream<Path> list = Files.list(folder)) {
            for (Path path : list.toList()) {
                String name = path.getFileName().toString();
                if (name.startsWith(TEMPORARY) || name.startsWith(REMOVED)) {
                    DurableFiles.delete(path);
                }
            }
        }
    }

    /**
     * Removes old checkpoints.
     *
     * @param newest how many of the newest stay
     * @param listed steps that stay whatever their age
     */
    public void keep(int newest, Set<Long> listed) throws IOException {
        List<Checkpoint> checkpoints = all();
        for (int i = 0; i < checkpoints.size() - newest; i++) {
            if (!listed.contains(checkpoints.get(i).step())) {
                remove(checkpoints.get(i).folder());
            }
        }
    }

    /** Takes the final name away first: half a checkpoint must never have one. */
    private static void remove(Path checkpoint) throws IOException {
        Path hidden = checkpoint.resolveSibling(REMOVED + checkpoint.getFileName());
        DurableFiles.delete(hidden);
        Files.move(checkpoint, hidden, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.delete(hidden);
    }

    /** The name of the folder of a step's checkpoint. */
    public static String name(long step) {
        return String.format(Locale.ROOT, "step-%08d", step);
    }

    /** The step that a folder's name says it is of; empty if it is not named like a checkpoint of a run. */
    public static OptionalLong step(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        Matcher matcher = NAME.matcher(name == null ? "" : name.toString());
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }

    private static void sync(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.toList()) {
                if (Files.isDirectory(path)) {
                    DurableFiles.syncFolder(path);
                } else {
                    DurableFiles.sync(path);
                }
            }
        }
    }
}
