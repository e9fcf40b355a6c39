package norma.probes.report;

import java.util.Optional;
import java.util.function.Consumer;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonObject;
import norma.probes.ablation.AblationFile;

/**
 * The probes' JSON as the report takes it. What it shows must be there and of its type: a damaged file must not become
 * a page with a few dashes more. Keys that files of earlier commits lack may be missing.
 */
final class ProbeFiles {
    private final ReportedRun run;

    ProbeFiles(ReportedRun run) {
        this.run = run;
    }

    /** {@code outliers.json}; empty if the probe has not run. */
    Optional<JsonObject> outliers() {
        return read("outliers", json -> {
            JsonObject rule = json.object("rule");
            rule.number("sigma");
            rule.number("fraction");
            rule.textIfAny("combination");
            json.number("step");
            for (JsonObject dimension : json.objects("dimensions")) {
                dimension.count("dimension", 0);
                dimension.count("layers", 0);
                dimension.count("of", 0);
                dimension.number("weight_z");
                dimension.number("bias_z");
            }
            json.object("definitions").objectsByKey().values().forEach(definition -> {
                definition.text("formula");
                definition.textIfAny("source");
                definition.wholeNumbers("dimensions", 0);
            });
        });
    }

    /** {@code emergence.json}. */
    Optional<JsonObject> emergence() {
        return read("emergence", json -> {
            for (JsonObject dimension : json.objects("dimensions")) {
                dimension.count("dimension", 0);
                dimension.writtenNumber("emergence_step");
            }
            if (json.has("outlier_count")) {
                for (JsonObject count : json.objects("outlier_count")) {
                    count.wholeNumber("step", 0);
                    count.count("count", 0);
                }
            }
        });
    }

    /** {@code ablation.json}. */
    Optional<JsonObject> ablation() {
        return read("ablation", AblationFile::require);
    }

    /** {@code ablation-each.json}, of which only the figure is shown. */
    Optional<JsonObject> ablationOfEach() {
        return read("ablation-each", json -> {});
    }

    /**
     * A probe's file.
     *
     * @throws InvalidInputException naming file and key of what is missing or of another type
     */
    private Optional<JsonObject> read(String probe, Consumer<JsonObject> required) {
        Optional<JsonObject> json = run.found(probe);
        json.ifPresent(file -> file.textIfAny("command"));
        json.ifPresent(required);
        return json;
    }
}
