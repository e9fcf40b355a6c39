package norma.monitor.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import norma.datasets.base.InvalidInputException;
import norma.monitor.metrics.LatestMetrics;
import norma.monitor.metrics.LoggedFigures;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunState;
import norma.trainer.run.RunStates;
import norma.trainer.run.RunStatus;

/** What the list says of a run. */
final class RunRow {
    private static final ConfigValues NO_CONFIG = ConfigValues.parse("{}", "");

    private final RunsFolder folder;
    private final String id;
    private final RunFiles files;
    private final SmallFile small;
    private final RunStates states;
    private final boolean seed;
    private final boolean finetuning;
    private ConfigValues config = NO_CONFIG;
    private JsonNode provenance;
    private String damage;

    /**
     * Of a run.
     *
     * @param files of its folder
     * @param states says how it is
     */
    RunRow(RunsFolder folder, String id, RunFiles files, RunStates states) {
        this.states = states;
        this.folder = folder;
        this.id = id;
        this.files = files;
        small = new SmallFile(folder);
        seed = RunsFolder.isSeed(files.path());
        finetuning = seed || Files.exists(files.finetuningConfig());
    }

    /** Where configuration and provenance lie: a seed of a fine-tuning has those of the whole. */
    private RunFiles described() {
        return seed ? new RunFiles(files.path().getParent()) : files;
    }

    /**
     * The row, as the page has it.
     *
     * @param metrics are read on first, unless they lie elsewhere
     */
    ObjectNode json(LatestMetrics metrics, Instant updated) {
        attempt(
                () -> {
                    folder.requireInside(files);
                    metrics.readOn();
                    return files;
                },
                files);
        config = attempt(this::readConfig, NO_CONFIG);
        provenance = attempt(() -> small.jsonIfAny(described().provenance()), null);
        if (metrics.problem().isPresent()) {
            damage = damage == null ? metrics.problem().get() : damage;
        }
        RunStatus status = states.read(described());
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.put("id", id);
        row.put("name", id);
        row.put("kind", finetuning ? "finetuning" : "pretraining");
        row.put("state", (damage == null ? status.state() : RunState.UNREADABLE).label());
        row.put("sentence", damage == null ? status.sentence().orElse(null) : damage);
        putProgress(row, status, metrics);
        putSettings(row);
        putOrigin(row);
        row.put(
                "started",
                provenance == null ? null : provenance.path("started").asText(null));
        row.put("updated", updated == null ? null : updated.toString());
        row.put("outliers", metrics.outliers() < 0 ? null : (Integer) metrics.outliers());
        return row;
    }

    private ConfigValues readConfig() {
        Path file = finetuning ? described().finetuningConfig() : files.config();
        return ConfigValues.parse(small.text(file), file.getFileName().toString());
    }

    private <T> T attempt(Supplier<T> read, T otherwise) {
        try {
            return read.get();
        } catch (InvalidInputException e) {
            damage = damage == null ? e.getMessage() : damage;
            return otherwise;
        }
    }

    private void putProgress(ObjectNode row, RunStatus status, LatestMetrics metrics) {
        Optional<LoggedFigures> last = metrics.last();
        Long logged = last.map(LoggedFigures::step).orElse(null);
        // A seed of a fine-tuning is at a step of its own; the status counts those of all seeds.
        Long step =
                seed || status.step().isEmpty() ? logged : (Long) status.step().getAsLong();
        Long configured = config.wholeNumber("training.steps").orElse(null);
        Long steps = seed || status.steps().isEmpty()
                ? configured
                : (Long) status.steps().getAsLong();
        row.put("step", step);
        row.put("steps", steps);
        put(row, "loss", last.map(line -> line.training("loss")).orElse(Double.NaN));
        put(row, "validation_loss", metrics.validationLoss());
        put(row, "validation_perplexity", metrics.perplexity());
        put(
                row,
                "learning_rate",
                last.map(line -> line.training("learning_rate")).orElse(Double.NaN));
        put(
                row,
                "tokens_per_second",
                last.map(line -> line.training("tokens_per_second")).orElse(Double.NaN));
        boolean goesOn = status.state() == RunState.RUNNING && step != null && steps != null;
        put(row, "seconds_left", goesOn ? (steps - step) * metrics.secondsPerStep() : Double.NaN);
    }

    private void putSettings(ObjectNode row) {
        row.put("device", text("device"));
        row.put("precision", config.text("training.precision").orElse(text("precision")));
        row.put(
                "architecture",
                finetuning ? null : config.text("model.model_type").orElse("bert"));
        row.put(
                "objective",
                config.text(finetuning ? "task.name" : "data.objective").orElse(null));
        row.put("seed", seedNumber());
    }

    private Long seedNumber() {
        if (!seed) {
            return config.wholeNumber("seed").orElse(null);
        }
        String number = files.path().getFileName().toString().replaceFirst("^seed-", "");
        return number.matches("\\d{1,18}") ? (Long) Long.parseLong(number) : null;
    }

    private String text(String key) {
        return config.text(key).orElse(null);
    }

    /** Parent and changes of a fork, checkpoint of a fine-tuning, place in a sweep. */
    private void putOrigin(ObjectNode row) {
        JsonNode fork = provenance == null ? null : provenance.get("parent");
        row.set("changed", JsonNodeFactory.instance.objectNode());
        if (fork != null && fork.isObject()) {
            row.set("parent", parent(fork.path("run").asText(), fork.path("step")));
            row.set("changed", fork.path("changes").deepCopy());
        } else if (finetuning && config.text("checkpoint").isPresent()) {
            Path checkpoint = Path.of(config.text("checkpoint").get());
            String name = checkpoint.getFileName().toString();
            Path run = name.startsWith("step-") && checkpoint.getNameCount() > 2
                    ? checkpoint.getParent().getParent()
                    : checkpoint;
            String number = name.replaceFirst("^step-0*(?=\\d)", "");
            row.set(
                    "parent",
                    parent(
                            run.toString(),
                            number.matches("\\d{1,18}")
                                    ? JsonNodeFactory.instance.numberNode(Long.parseLong(number))
                                    : JsonNodeFactory.instance.nullNode()));
        } else {
            row.putNull("parent");
        }
        JsonNode sweep = provenance == null ? null : provenance.get("sweep");
        row.set("sweep", sweep != null && sweep.isObject() ? sweep : JsonNodeFactory.instance.nullNode());
    }

    private ObjectNode parent(String run, JsonNode step) {
        ObjectNode parent = JsonNodeFactory.instance.objectNode();
        parent.put("run", run);
        parent.set("step", step.isMissingNode() ? JsonNodeFactory.instance.nullNode() : step);
        parent.put("id", folder.idOf(run));
        return parent;
    }

    private static void put(ObjectNode row, String key, double value) {
        if (Double.isFinite(value)) {
            row.put(key, value);
        } else {
            row.putNull(key);
        }
    }

    /** The configuration, after {@link #json}. */
    ConfigValues config() {
        return config;
    }

    /** The provenance, after {@link #json}; null if it cannot be read. */
    JsonNode provenance() {
        return provenance;
    }
}
