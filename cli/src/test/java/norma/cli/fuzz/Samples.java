package norma.cli.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import norma.cli.CommandLineRun;
import norma.datasets.files.DurableFiles;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.imports.BundleFixture;
import norma.trainer.imports.OnnxFixture;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsWriter;

/** Small files of each format, in folders below one. */
final class Samples {
    private static final Path STORED = Path.of("src/test/resources/stored-run");

    private final Path folder;

    Samples(Path folder) {
        this.folder = folder;
    }

    private Path make(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }

    /** The run that is stored in the test resources, without two of its checkpoints. */
    Path run() throws IOException {
        Path run = folder.resolve("run");
        if (Files.exists(run)) {
            return run;
        }
        Files.createDirectories(run);
        Path from = STORED.resolve("run");
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                String name = from.relativize(path).toString();
                if (!name.isEmpty() && !name.matches("checkpoints/step-000000[01]0.*")) {
                    Files.copy(path, run.resolve(name));
                }
            }
        }
        // the stored run is of a time before there was this file
        Files.writeString(run.resolve("status.json"), """
                {"state": "interrupted", "sentence": null, "step": 30, "steps": 40, "pid": 7, "pid_space": null,
                "process_started": "2026-11-27T23:29:31.660Z", "host": "vm", "began": "2026-11-27T23:31:19.096Z",
                "heartbeat": "2026-11-27T23:31:39.267Z", "beat": 4}
                """);
        return run;
    }

    /** A run that was stopped at step 3 of 6, {@code runs/a}, beside the data that was prepared for it. */
    Path stoppedRun() throws IOException {
        Path folder = make("stopped");
        DurableFiles.delete(CommandLineRun.tinyRun(folder).resolve("checkpoints/step-00000006"));
        return folder;
    }

    /** A run that all probes have looked at. */
    Path probedRun() throws IOException {
        Path run = make("probed/run");
        copy(run(), run);
        done("outliers", run, "--sigma", 1.5);
        done("emergence", run, "--sigma", 1.5);
        done("ablate", run, "--checkpoints", "all", "--dims", "2,7", "--baseline", "random:2", "--eval-rows", 8);
        done("ablate", run, "--each", "--eval-rows", 4);
        return run;
    }

    /** A run that has been fine-tuned, beside the fine-tuning. */
    Path fineTuned() throws IOException {
        Path runs = make("runs");
        done(
                "finetune",
                run().resolve("checkpoints/step-00000020"),
                "--train",
                STORED.resolve("task.csv"),
                "--dev",
                STORED.resolve("task.csv"),
                "--text-column",
                "text",
                "--label-column",
                "label",
                "--runs",
                runs,
                "--run",
                "tuned",
                "--epochs",
                1,
                "--seeds",
                1,
                "--max-length",
                12);
        return runs.resolve("tuned");
    }

    private static void done(Object... words) {
        CommandLineRun command = CommandLineRun.of(words);
        assertThat(command.code()).as(command.err()).isZero();
    }

    /** Masked sequences as an evaluation reads them from a file, beside the run that is evaluated. */
    Path evaluation() throws IOException {
        Path folder = make("evaluation");
        copy(run(), Files.createDirectory(folder.resolve("run")));
        ObjectNode header = new ObjectMapper().createObjectNode();
        int cells = 4 * 12;
        int at = 0;
        for (String name : List.of("input_ids", "labels")) {
            ObjectNode tensor = header.putObject(name).put("dtype", "I64");
            tensor.putArray("shape").add(4).add(12);
            tensor.putArray("data_offsets").add(at).add(at + Long.BYTES * cells);
            at += Long.BYTES * cells;
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(Long.BYTES + json.length + at).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        for (int i = 0; i < cells; i++) {
            file.putLong(i % 5 == 0 ? 4 : 20 + i);
        }
        for (int i = 0; i < cells; i++) {
            file.putLong(i % 5 == 0 ? 20 + i : -100);
        }
        Files.write(folder.resolve("masked.safetensors"), file.array());
        return folder;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                if (!path.equals(from)) {
                    Files.copy(path, to.resolve(from.relativize(path).toString()));
                }
            }
        }
    }

    /** A folder of Hugging Face's with a vocabulary, whole. */
    Path huggingFace() throws IOException {
        Path model = make("hugging-face");
        config(model);
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"do_lower_case\": true}\n");
        SafetensorsWriter.write(model.resolve("model.safetensors"), TinyBert.weights(), Map.of("format", "pt"));
        return model;
    }

    private static void config(Path model) throws IOException {
        Files.writeString(model.resolve("config.json"), TinyBert.CONFIG.toJson().toPrettyString());
        Files.writeString(model.resolve("vocab.txt"), TinyBert.vocabulary());
    }

    /** A vocabulary with every file beside it that says how it is used. */
    Path tokenizer() throws IOException {
        Path folder = make("tokenizer");
        Path vocabulary = Files.writeString(folder.resolve("vocab.txt"), TinyBert.vocabulary());
        Files.writeString(
                folder.resolve("config.json"), TinyBert.CONFIG.toJson().toPrettyString());
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"tokenizer_class": "BertTokenizer", "do_lower_case": false, "strip_accents": true,
                 "tokenize_chinese_chars": false, "model_max_length": 64, "mask_token": "[MASK]",
                 "additional_special_tokens": ["[ENT]"]}""");
        int next = TinyBert.vocabulary().lines().toList().size();
        Files.writeString(
                folder.resolve("added_tokens.json"), "{\"[ENT]\": " + next + ", \"Dawn\": " + (next + 1) + "}");
        Files.writeString(
                folder.resolve("special_tokens_map.json"),
                "{\"sep_token\": {\"content\": \"[SEP]\", \"lstrip\": true}}");
        try (Tokenizer tokenizer = Tokenizer.load(vocabulary)) {
            tokenizer.save(folder.resolve("tokenizer.json"));
        }
        return folder;
    }

    /** A folder of Hugging Face's with its weights in two shards. */
    Path shards() throws IOException {
        Path model = make("shards");
        config(model);
        ObjectNode index = new ObjectMapper().createObjectNode();
        ObjectNode map = index.putObject("weight_map");
        List<Map<String, HostTensor>> shards = List.of(new LinkedHashMap<>(), new LinkedHashMap<>());
        for (Map.Entry<String, HostTensor> tensor : TinyBert.weights().entrySet()) {
            int shard = map.size() % 2;
            map.put(tensor.getKey(), "model-" + shard + ".safetensors");
            shards.get(shard).put(tensor.getKey(), tensor.getValue());
        }
        for (int shard = 0; shard < 2; shard++) {
            SafetensorsWriter.write(model.resolve("model-" + shard + ".safetensors"), shards.get(shard), Map.of());
        }
        Files.writeString(model.resolve("model.safetensors.index.json"), index.toPrettyString());
        return model;
    }

    Path tensorFlow() throws IOException {
        Path model = make("tensorflow");
        BundleFixture.of(TinyBert.weights(), "", 1).write(model, "bert_model.ckpt");
        Files.writeString(
                model.resolve("bert_config.json"), TinyBert.CONFIG.toJson().toPrettyString());
        Files.writeString(model.resolve("vocab.txt"), TinyBert.vocabulary());
        return model;
    }

    /** A TensorFlow checkpoint in a zip inside a jar. */
    Path jar() throws IOException {
        Path jar = make("jar").resolve("bert.jar");
        Path inner = make("zip").resolve("model.zip");
        zip(tensorFlow(), inner);
        zip(inner.getParent(), jar);
        return jar.getParent();
    }

    private static void zip(Path content, Path file) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file));
                Stream<Path> files = Files.list(content)) {
            for (Path each : files.sorted().toList()) {
                if (!each.equals(file)) {
                    zip.putNextEntry(new ZipEntry(each.getFileName().toString()));
                    zip.write(Files.readAllBytes(each));
                }
            }
        }
    }

    Path onnx() throws IOException {
        Path model = make("onnx");
        int headWidth = TinyBert.CONFIG.hiddenSize() / TinyBert.HEADS;
        Files.write(model.resolve("encoder.onnx"), OnnxFixture.of(TinyBert.weights(), headWidth, 1e-12f));
        Path vocabulary = Files.writeString(make("vocabulary").resolve("vocab.txt"), TinyBert.vocabulary());
        try (Tokenizer tokenizer = Tokenizer.load(vocabulary)) {
            tokenizer.save(model.resolve("tokenizer.json"));
        }
        return model;
    }

    /** Text plain and compressed, JSON Lines, Parquet. */
    Path corpora() throws IOException {
        Path corpora = make("corpora");
        StringBuilder text = new StringBuilder();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            String sentence = "The " + i % 7 + " old ships of n\u00famero " + i * i % 97 + " sail at dawn.";
            text.append(sentence).append("\n\n");
            lines.append("{\"text\": \"")
                    .append(sentence)
                    .append("\", \"year\": ")
                    .append(i)
                    .append("}\n");
        }
        byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
        Files.write(corpora.resolve("ships.txt"), utf8);
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(corpora.resolve("ships.txt.gz")))) {
            gzip.write(utf8);
        }
        Files.write(corpora.resolve("ships.txt.zst"), Zstd.compress(utf8));
        Files.writeString(corpora.resolve("ships.jsonl"), lines);
        parquet(corpora.resolve("ships.jsonl"), corpora.resolve("ships.parquet"));
        return corpora;
    }

    private static void parquet(Path from, Path to) {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT * FROM read_json('" + from + "', columns = {text: 'VARCHAR', year: 'INT'}))"
                    + " TO '" + to + "' (FORMAT parquet)");
        } catch (SQLException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    /** A task of two classes as TSV, CSV and JSON Lines. */
    Path tables() throws IOException {
        Path tables = make("tables");
        List<String> tsv = new ArrayList<>(List.of("body\tlabel"));
        List<String> csv = new ArrayList<>(List.of("body,label"));
        List<String> json = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String label = i % 3 == 0 ? "sails" : "waits";
            String body = "The " + i + " old ships";
            tsv.add(body + "\t" + label);
            csv.add("\"" + body + ", \"\"new\"\"\"," + label);
            json.add("{\"body\": \"" + body + "\", \"label\": \"" + label + "\"}");
        }
        Files.write(tables.resolve("ships.tsv"), tsv);
        Files.write(tables.resolve("ships.csv"), csv);
        Files.write(tables.resolve("ships.jsonl"), json);
        return tables;
    }
}
