package norma.monitor.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.monitor.metrics.LatestMetrics;
import norma.probes.ablation.AblationJson;
import norma.probes.emergence.EmergenceJson;
import norma.probes.files.ProbeFiles;
import norma.probes.outliers.OutlierJson;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.run.RunFiles;

/** What a run's page says besides its curves: configuration, provenance, what probes found, and what to do next. */
public final class RunDetail {
    private static final String JSON = ".json";

    private final RunsFolder folder;
    private final String id;
    private final RunFiles files;
    private final SmallFile small;
    private final Function<Path, Map<String, String>> commands;
    private final RunList list;
    private final ArrayNode problems = JsonNodeFactory.instance.arrayNode();

    /**
     * Of a run.
     *
     * @param commands that fill what is empty, by what they fill, for a run's folder
     * @param list of all runs
     */
    public RunDetail(RunsFolder folder, String id, Function<Path, Map<String, String>> commands, RunList list) {
        this.list = list;
        this.folder = folder;
        this.commands = commands;
        this.id = id;
        files = folder.run(id);
        small = new SmallFile(folder);
    }

    /** The row of the list, and everything else. */
    public ObjectNode json() {
        LatestMetrics metrics = new LatestMetrics(files.metrics());
        RunRow row = new RunRow(folder, id, files, list.states());
        ObjectNode json = row.json(metrics, Instant.now());
        RunFiles described =
                RunsFolder.isSeed(files.path()) ? new RunFiles(files.path().getParent()) : files;
        Path config = Files.exists(described.finetuningConfig()) ? described.finetuningConfig() : described.config();
        json.put("config", attempt(() -> small.text(config)));
        json.set("config_values", row.config().json());
        json.set("parent_config_values", parentConfig(json.path("parent")));
        json.set("provenance", row.provenance() == null ? JsonNodeFactory.instance.objectNode() : row.provenance());
        json.set("probes", probes());
        ObjectNode hints = json.putObject("commands");
        commands.apply(folder.given().resolve(id)).forEach(hints::put);
        json.set("checkpoints", checkpoints());
        json.set("problems", problems);
        return json;
    }

    private <T> T attempt(Supplier<T> read) {
        try {
            return read.get();
        } catch (InvalidInputException e) {
            problems.add(e.getMessage());
            return null;
        }
    }

    private JsonNode parentConfig(JsonNode parent) {
        if (!parent.hasNonNull("id")) {
            return JsonNodeFactory.instance.nullNode();
        }
        try {
            Path config = folder.run(parent.get("id").asText()).config();
            return ConfigValues.parse(small.text(config), config.toString()).json();
        } catch (InvalidInputException | UnknownRunException e) {
            return JsonNodeFactory.instance.nullNode();
        }
    }

    /** What probes found, as their files say. */
    public ObjectNode probes() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("outliers", probe(ProbeFiles.OUTLIERS, OutlierJson::read));
        json.set("emergence", probe(ProbeFiles.EMERGENCE, EmergenceJson::read));
        ArrayNode ablations = json.putArray("ablations");
        for (String name : probeFiles()) {
            if (name.startsWith(ProbeFiles.ABLATION) && !name.startsWith(ProbeFiles.ABLATION_EACH)) {
                ablations.add(probe(name, AblationJson::read));
            }
        }
        json.set("finetunings", finetuningResults());
        return json;
    }

    /** Results of the run itself, of fine-tunings of its checkpoints, and of those along the run. */
    private ArrayNode finetuningResults() {
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        Set<Path> alongRun = new LinkedHashSet<>();
        addResult(found, files.results(), id);
        for (String finetuning : list.finetuningsOf(id)) {
            try {
                Path path = folder.run(finetuning).path();
                addResult(found, new RunFiles(path).results(), finetuning);
                alongRun.add(new ProbeFiles(path.getParent()).json(ProbeFiles.ALONG_RUN));
            } catch (UnknownRunException e) {
                // it is gone since
            }
        }
        alongRun.forEach(file -> addResult(found, file, null));
        return found;
    }

    private void addResult(ArrayNode into, Path file, String run) {
        ObjectNode result = Files.exists(file) ? attempt(() -> small.json(file)) : null;
        if (result != null) {
            into.add(result.put("file", file.getFileName().toString())
                    .put("run", run)
                    .put("step", checkpointStep(result.path("checkpoint").asText())));
        }
    }

    private static Long checkpointStep(String checkpoint) {
        Path name = checkpoint.isEmpty() ? null : Path.of(checkpoint).getFileName();
        OptionalLong step = name == null ? OptionalLong.empty() : Checkpoints.step(name);
        return step.isPresent() ? (Long) step.getAsLong() : null;
    }

    private List<String> probeFiles() {
        try (Stream<Path> entries = Files.list(files.probes())) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.endsWith(JSON))
                    .map(name -> name.substring(0, name.length() - JSON.length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** A probe's file, as it is, once it was found to be one: a damaged one is a problem, and not shown. */
    private JsonNode probe(String name, Function<Path, Object> read) {
        Path file = ProbeFiles.of(files).json(name);
        if (!Files.exists(file)) {
            return JsonNodeFactory.instance.nullNode();
        }
        ObjectNode found = attempt(() -> {
            ObjectNode json = small.json(file);
            return read.apply(file) == null ? null : json;
        });
        return found == null ? JsonNodeFactory.instance.nullNode() : found.put("file", name + JSON);
    }

    private ArrayNode checkpoints() {
        ArrayNode steps = JsonNodeFactory.instance.arrayNode();
        try (Stream<Path> entries = Files.list(files.checkpoints())) {
            entries.map(Checkpoints::step)
                    .filter(OptionalLong::isPresent)
                    .map(OptionalLong::getAsLong)
                    .sorted()
                    .forEach(steps::add);
        } catch (IOException e) {
            return steps; // none yet
        }
        return steps;
    }
}
