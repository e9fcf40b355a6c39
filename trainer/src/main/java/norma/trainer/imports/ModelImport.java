package norma.trainer.imports;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import norma.datasets.Hashes;
import norma.datasets.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.trainer.checkpoint.HuggingFaceTokenizerConfig;
import norma.trainer.safetensors.SafetensorsWriter;

/** Makes a checkpoint folder in Hugging Face's layout of a published BERT. */
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
     * @throws InvalidInputException if the source is none of these, damaged or not a BERT, or the target exists; then
     *     nothing is written
     */
    public static ObjectNode run(Path source, Path target, ImportOptions options, boolean force) {
        requireFree(target, force);
        SourceFiles files = new SourceFiles(source);
        try {
            ImportedModel model = read(files, options);
            try {
                return write(model, source, target);
            } finally {
                if (model.tokenizer() != null) {
                    model.tokenizer().close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(source + ": cannot be imported: " + e.getMessage(), e);
        }
    }

    private static ImportedModel read(SourceFiles files, ImportOptions options) throws IOException {
        if (Files.isDirectory(files.path()) && Files.isRegularFile(files.path().resolve("config.json"))) {
            return new HuggingFaceFolder(files.path()).read();
        }
        List<String> indexes = new ArrayList<>();
        List<String> encoders = new ArrayList<>();
        files.forEach((name, in) -> {
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

    private static void requireFree(Path target, boolean force) {
        if (!Files.exists(target)) {
            return;
        }
        if (!force) {
            throw new InvalidInputException(target + ": exists, expected a new folder (or --force)");
        }
        if (!Files.isRegularFile(target.resolve("import.json"))) {
            throw InvalidInputException.of(
                    target.toString(),
                    "--force",
                    "something that no import made",
                    "an import: nothing else is replaced");
        }
    }

    private static ObjectNode write(ImportedModel model, Path source, Path target) throws IOException {
        Path parent = target.toAbsolutePath().normalize().getParent();
        Files.createDirectories(parent);
        Path temporary = parent.resolve(".importing-" + target.getFileName());
        DurableFiles.delete(temporary);
        Files.createDirectory(temporary);
        try {
            ObjectNode record = describe(model, source);
            json(temporary.resolve("config.json"), config(model));
            SafetensorsWriter.write(temporary.resolve("model.safetensors"), model.weights(), Map.of("format", "pt"));
            if (model.tokenizer() != null) {
                Files.writeString(
                        temporary.resolve("tokenizer.json"), model.tokenizer().json());
                json(
                        temporary.resolve("tokenizer_config.json"),
                        HuggingFaceTokenizerConfig.of(
                                model.tokenizer(), model.config().maxPositionEmbeddings()));
            }
            json(temporary.resolve("import.json"), record);
            for (Path file : List.of(temporary.resolve("config.json"), temporary.resolve("import.json"))) {
                DurableFiles.sync(file);
            }
            DurableFiles.delete(target);
            DurableFiles.publish(temporary, target);
            return record;
        } finally {
            DurableFiles.delete(temporary);
        }
    }

    private static void json(Path file, ObjectNode json) throws IOException {
        Files.writeString(
                file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n", StandardCharsets.UTF_8);
    }

    /** Hugging Face's config.json, with the architecture that the heads make. */
    private static ObjectNode config(ImportedModel model) {
        ObjectNode json = model.config().toJson();
        json.putArray("architectures").add(architecture(model));
        return json;
    }

    private static String architecture(ImportedModel model) {
        if (has(model, "classifier.")) {
            return "BertForSequenceClassification";
        }
        if (!has(model, "cls.predictions.")) {
            return "BertModel";
        }
        return has(model, "cls.seq_relationship.") ? "BertForPreTraining" : "BertForMaskedLM";
    }

    private static boolean has(ImportedModel model, String prefix) {
        return model.weights().keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }

    private static ObjectNode describe(ImportedModel model, Path source) throws IOException {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("source", source.toString());
        if (Files.isRegularFile(source)) {
            json.put("source_sha256", Hashes.sha256(source));
        }
        json.put("kind", model.kind());
        json.put("architecture", architecture(model));
        json.put("tensors", model.weights().size());
        json.put(
                "parameters",
                model.weights().values().stream()
                        .mapToLong(tensor -> tensor.values().length)
                        .sum());
        model.assumptions().forEach(json.putArray("assumed")::add);
        return json;
    }
}
