package norma.probes.ablation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import norma.datasets.base.Hashes;
import norma.datasets.base.Progress;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileProblem;
import norma.datasets.files.TextFile;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.probes.evaluation.Scores;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.run.MetricsLog;

/**
 * Every dimension ablated on its own (Kovaleva et al. 2021, figure 2). Each score is appended to a file as soon as it
 * is known, under a line that says what is scanned, so a scan that was stopped continues where it was.
 */
final class SingleDimensionScan {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int NAME_DIGITS = 16;

    private final AblationStudy study;
    private final Path partial;
    private final ObjectNode identity;

    /**
     * A scan that keeps what it has measured in a file.
     *
     * @param folder of the file, which is named by what the scan depends on, and is left there
     * @throws UncheckedIOException if the weights' file cannot be read
     */
    SingleDimensionScan(AblationStudy study, Path folder) {
        this.study = study;
        identity = identity(study);
        partial = folder.resolve(Hashes.sha256(identity.toString()).substring(0, NAME_DIGITS) + ".jsonl");
    }

    /** What tells a scan from others: the hashes of weights and evaluation, and the place; not where the files lie. */
    private static ObjectNode identity(AblationStudy study) {
        Path weights = new CheckpointFiles(study.bert().folder()).weights();
        try {
            ObjectNode identity = MAPPER.createObjectNode();
            identity.put("model_sha256", Hashes.sha256(weights));
            identity.set("evaluation", study.evaluation().describe());
            identity.findParents("source").forEach(parent -> ((ObjectNode) parent).remove("source"));
            study.place().describe(identity, study.bert().layerNormSites());
            return identity;
        } catch (IOException e) {
            throw new UncheckedIOException(weights + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Measures what is not measured yet.
     *
     * @return a result for each dimension, ascending
     */
    List<AblationResult> run(Progress progress) throws IOException {
        int hidden = study.place().width(study.bert().layerNormSites());
        Map<Integer, Scores> known = known(hidden);
        try (BufferedWriter writer = open(known.isEmpty())) {
            for (int d = 0; d < hidden; d++) {
                progress.update("single dimensions", known.size(), hidden, "dimensions");
                if (!known.containsKey(d)) {
                    Scores scores = study.ablated(List.of(d));
                    writer.write(line(d, scores));
                    writer.flush();
                    known.put(d, scores);
                }
            }
            progress.update("single dimensions", hidden, hidden, "dimensions");
        } catch (IOException e) {
            throw FileProblem.of(partial, e);
        }
        List<AblationResult> results = new ArrayList<>();
        known.forEach((d, scores) -> results.add(new AblationResult("single", List.of(d), scores)));
        return results;
    }

    private BufferedWriter open(boolean anew) throws IOException {
        if (!anew) {
            return Files.newBufferedWriter(partial, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        }
        Files.createDirectories(partial.toAbsolutePath().getParent());
        BufferedWriter writer = Files.newBufferedWriter(partial, StandardCharsets.UTF_8);
        writer.write(MAPPER.writeValueAsString(identity) + "\n");
        return writer;
    }

    private static String line(int dimension, Scores scores) throws JsonProcessingException {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("dimension", dimension);
        scores.values().forEach((name, value) -> MetricsLog.put(json, name, value));
        return MAPPER.writeValueAsString(json) + "\n";
    }

    /** What a file of the same scan holds; a last line that was cut off counts as not there, and is cut away. */
    private Map<Integer, Scores> known(int hidden) throws IOException {
        Map<Integer, Scores> known = new TreeMap<>();
        if (!Files.isRegularFile(partial)) {
            return known;
        }
        String text = TextFile.read(partial, "the lines of a scan");
        int end = text.lastIndexOf('\n') + 1;
        List<String> lines = text.substring(0, end).lines().toList();
        if (lines.isEmpty() || !lines.get(0).equals(MAPPER.writeValueAsString(identity))) {
            return known;
        }
        for (String line : lines.subList(1, lines.size())) {
            JsonObject json = JsonFile.parse(line, partial + ": line " + (known.size() + 2));
            int dimension = json.count("dimension", 0);
            if (dimension >= hidden) {
                throw json.wrong("dimension", dimension, "less than " + hidden);
            }
            study.evaluation().summarized().forEach(json::writtenNumber);
            Map<String, Double> values = new LinkedHashMap<>();
            json.keys().forEach(score -> {
                if (!score.equals("dimension")) {
                    values.put(score, json.writtenNumber(score));
                }
            });
            known.put(dimension, new Scores(values));
        }
        if (end < text.length()) {
            DurableFiles.write(partial, text.substring(0, end));
        }
        return known;
    }
}
