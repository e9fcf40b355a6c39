package norma.trainer.imports;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileProblem;
import norma.datasets.files.ReplacedFolder;
import norma.trainer.architectures.Architectures;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.checkpoint.HuggingFaceTokenizerConfig;
import norma.trainer.model.Head;
import norma.trainer.model.StoredHeads;
import norma.trainer.safetensors.SafetensorsWriter;

/** Makes a checkpoint folder in Hugging Face's layout of a published model. */
public final class ModelImport {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ModelImport() {}

    /**
     * Imports a model.
     *
     * @param source a Hugging Face folder, a TensorFlow checkpoint or SavedModel, an ONNX encoder: as a folder, one of
     *     its files, a zip or a jar
     * @param target the folder to make
     * @param force whether a folder that an import made is replaced
     * @return what was written to {@code import.json}
     * @throws InvalidInputException if the source is none of these, damaged or of another architecture, or the target
     *     exists, or holds the source; then nothing is written
     * @throws UncheckedIOException naming the source if it cannot be read, or the target if it cannot be written
     */
    public static ObjectNode run(Path source, Path target, ImportOptions options, boolean force) {
        requireFree(source, target, force);
        ImportedModel model = read(source, options);
        try {
            StoredHeads heads = StoredHeads.of(
                    Architectures.of(model.config()),
                    model.classes(),
                    model.weights().keySet());
            model.weights().keySet().removeIf(heads::isLeftOut);
            TensorLayout.require(source.toString(), model.config(), model.weights());
            List<String> notes = vocabulary(model, source);
            heads.assumption().ifPresent(notes::add);
            ObjectNode record = describe(model, heads, notes, source);
            write(model, heads, record, target);
            return record;
        } finally {
            if (model.tokenizer() != null) {
                model.tokenizer().close();
            }
        }
    }

    private static ImportedModel read(Path source, ImportOptions options) {
        try {
            return read(new SourceFiles(source), options);
        } catch (IOException e) {
            throw new UncheckedIOException(source + ": cannot be imported: " + FileProblem.sentence(e), e);
        }
    }

    private static ImportedModel read(SourceFiles files, ImportOptions options) throws IOException {
        if (Files.isDirectory(files.path()) && Files.isRegularFile(new CheckpointFiles(files.path()).config())) {
            return new HuggingFaceFolder(files.path(), options).read();
        }
        String given = files.path().toString();
        if (Files.isRegularFile(files.path()) && (given.endsWith(".safetensors") || given.endsWith(".json"))) {
            return new HuggingFaceFolder(files.path().toAbsolutePath().getParent(), options).read();
        }
        List<String> indexes = new ArrayList<>();
        List<String> encoders = new ArrayList<>();
        files.forEach((name, in) -> {
            if (isAnotherModel(files.path(), name)) {
                return;
            }
            if (name.endsWith(".index")) {
                indexes.add(name);
            } else if (name.endsWith(".onnx")) {
                encoders.add(name);
            }
        });
        if (indexes.size() + encoders.size() != 1) {
            throw InvalidInputException.of(
                    files.path().toString(),
                    "models",
                    indexes.isEmpty() && encoders.isEmpty() ? "none" : indexes + " " + encoders,
                    "config.json of Hugging Face, or one TensorFlow .index, or one .onnx");
        }
        return indexes.isEmpty()
                ? new OnnxEncoder(files, options).read(encoders.get(0))
                : new TensorFlowBert(files, options).read(indexes.get(0));
    }

    /** Where one model's file was named, others may lie beside it. */
    private static boolean isAnotherModel(Path source, String name) {
        String given = source.getFileName() == null ? "" : source.getFileName().toString();
        return Files.isRegularFile(source)
                && (given.endsWith(".index") || given.endsWith(".onnx"))
                && !name.equals(given);
    }

    /** A tokenizer must not make ids without an embedding; that it makes fewer is worth a word. */
    private static List<String> vocabulary(ImportedModel model, Path source) {
        List<String> notes = new ArrayList<>(model.assumptions());
        int embeddings = model.config().vocabSize();
        int tokens = model.tokenizer() == null ? embeddings : model.tokenizer().vocabularySize();
        if (tokens > embeddings) {
            throw InvalidInputException.of(
                    source.toString(),
                    "vocabulary",
                    tokens + " tokens, the last " + model.tokenizer().token(tokens - 1),
                    "at most the " + embeddings + " embeddings");
        }
        if (tokens < embeddings) {
            notes.add("the last " + (embeddings - tokens) + " of " + embeddings + " embeddings are for no token: the"
                    + " vocabulary has " + tokens);
        }
        return notes;
    }

    private static void requireFree(Path source, Path target, boolean force) {
        if (!Files.exists(target)) {
            return;
        }
        boolean imported = Files.isRegularFile(target.resolve("import.json"));
        if (!force) {
            throw new AlreadyExistsException(target, "exists already", "a new folder", imported);
        }
        if (!imported) {
            throw InvalidInputException.of(
                    target.toString(),
                    ReplacedFolder.REPLACE,
                    "something that no import made",
                    "an import: nothing else is replaced");
        }
        ReplacedFolder.requireOutside(
                target, List.of(source), "is to be imported", "another folder, for what is replaced is deleted");
    }

    private static void write(ImportedModel model, StoredHeads heads, ObjectNode record, Path target) {
        Path parent = target.toAbsolutePath().normalize().getParent();
        Path temporary = parent.resolve(".importing-" + target.getFileName());
        try {
            Files.createDirectories(parent);
            DurableFiles.delete(temporary);
            Files.createDirectory(temporary);
            try {
                fill(temporary, model, heads, record);
                replace(target, temporary);
            } finally {
                DurableFiles.delete(temporary);
            }
        } catch (IOException e) {
            FileSystemException named = FileProblem.of(target, e);
            throw new UncheckedIOException(FileProblem.sentence(named), named);
        }
    }

    private static void fill(Path temporary, ImportedModel model, StoredHeads heads, ObjectNode record)
            throws IOException {
        CheckpointFiles checkpoint = new CheckpointFiles(temporary);
        json(checkpoint.config(), config(model, heads.heads()));
        SafetensorsWriter.write(checkpoint.weights(), model.weights(), Map.of("format", "pt"));
        if (model.tokenizer() != null) {
            Files.writeString(checkpoint.tokenizer(), model.tokenizer().json());
            json(
                    checkpoint.tokenizerConfig(),
                    HuggingFaceTokenizerConfig.of(
                            model.tokenizer(), model.config().longestSequence()));
        }
        json(temporary.resolve("import.json"), record);
        try (Stream<Path> written = Files.list(temporary)) {
            for (Path file : written.toList()) {
                DurableFiles.sync(file);
            }
        }
    }

    /** The old import keeps its place until the new one is whole. */
    private static void replace(Path target, Path temporary) throws IOException {
        if (!Files.exists(target)) {
            DurableFiles.publish(temporary, target);
            return;
        }
        Path old = temporary.resolveSibling(".replaced-" + target.getFileName());
        DurableFiles.delete(old);
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.publish(temporary, target);
        DurableFiles.delete(old);
    }

    private static void json(Path file, ObjectNode json) throws IOException {
        Files.writeString(
                file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n", StandardCharsets.UTF_8);
    }

    /** Hugging Face's config.json, with the architecture that the heads make. */
    private static ObjectNode config(ImportedModel model, Set<Head> heads) {
        ObjectNode json = model.config().toJson();
        json.putArray("architectures").add(architecture(model, heads));
        if (heads.contains(Head.CLASSIFIER)) {
            model.labels().forEach(json::set);
        }
        return json;
    }

    private static String architecture(ImportedModel model, Set<Head> heads) {
        return Architectures.of(model.config()).huggingFaceClass(heads);
    }

    private static ObjectNode describe(ImportedModel model, StoredHeads stored, List<String> notes, Path source) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("source", source.toString());
        try {
            if (Files.isRegularFile(source)) {
                json.put("source_sha256", Hashes.sha256(source));
            } else {
                sha256(source, json.putObject("source_files"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(source + ": cannot be imported: " + FileProblem.sentence(e), e);
        }
        json.put("kind", model.kind());
        json.put("architecture", architecture(model, stored.heads()));
        ArrayNode heads = json.putArray("heads");
        stored.heads().forEach(head -> heads.add(head.name().toLowerCase(Locale.ROOT)));
        stored.leftOut().forEach(json.putArray("left_out")::add);
        json.put("tensors", model.weights().size());
        json.put(
                "parameters",
                model.weights().values().stream()
                        .mapToLong(tensor -> tensor.values().length)
                        .sum());
        if (model.vocabulary() != null) {
            model.vocabulary().decisions().forEach(json.putArray("tokenizer")::add);
        }
        notes.forEach(json.putArray("assumed")::add);
        ObjectNode versions = json.putObject("versions");
        versions.put("java", System.getProperty("java.version"));
        versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return json;
    }

    /** Every file of a folder that an import may have read. */
    private static void sha256(Path folder, ObjectNode into) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder, SourceFiles.DEPTH)) {
            files = found.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            String name = folder.relativize(file).toString().replace('\\', '/');
            if (name.matches(".*(\\.(json|txt|safetensors|index|onnx)|\\.data-\\d+-of-\\d+)")) {
                into.put(name, Hashes.sha256(file));
            }
        }
    }
}
