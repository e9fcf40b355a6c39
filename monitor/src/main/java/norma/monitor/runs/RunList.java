package norma.monitor.runs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import norma.monitor.metrics.LatestMetrics;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunState;
import norma.trainer.run.RunStates;

/**
 * The list of the runs. Files that have not changed since the last time are not read again: what is asked of every run
 * every time is how long its files are and when they were written. Several threads may use it.
 */
public final class RunList {
    private final RunsFolder folder;
    private final Map<String, Known> known = new TreeMap<>();
    private final RunStates states = new RunStates();
    private List<String> problems = List.of();

    private static final class Known {
        private final LatestMetrics metrics;
        private Map<String, FileStamp> stamps = Map.of();
        private ObjectNode row;

        Known(RunFiles files) {
            metrics = new LatestMetrics(files.metrics());
        }
    }

    /** Of a folder; empty until it is {@link #scan scanned}. */
    public RunList(RunsFolder folder) {
        this.folder = folder;
    }

    /**
     * What is new since the last scan.
     *
     * @param rows of runs that are new or have changed
     * @param gone ids of those that are no longer there
     * @param changedFiles of each of these runs, the names of the files that changed
     */
    public record Changes(List<ObjectNode> rows, List<String> gone, Map<String, Set<String>> changedFiles) {}

    /** Looks at the folder. */
    public synchronized Changes scan() {
        RunsFolder.Listing listing = folder.list();
        problems = List.copyOf(listing.problems());
        Changes changes = new Changes(new ArrayList<>(), new ArrayList<>(), new HashMap<>());
        known.keySet().stream().filter(id -> !listing.ids().contains(id)).forEach(changes.gone()::add);
        changes.gone().forEach(known::remove);
        for (String id : listing.ids()) {
            try {
                look(id, folder.run(id), changes);
            } catch (UnknownRunException gone) {
                // between the listing and now
            }
        }
        return changes;
    }

    private void look(String id, RunFiles files, Changes changes) {
        Known run = known.computeIfAbsent(id, key -> new Known(files));
        Map<String, FileStamp> stamps = FileStamp.of(files);
        Set<String> changed = FileStamp.differences(run.stamps, stamps);
        boolean running = run.row != null && run.row.path("state").asText().equals(RunState.RUNNING.label());
        if (run.row != null && changed.isEmpty() && !running) {
            return;
        }
        Instant updated = stamps.values().stream()
                .map(FileStamp::modified)
                .max(Instant::compareTo)
                .orElse(null);
        ObjectNode row = new RunRow(folder, id, files, states).json(run.metrics, updated);
        run.stamps = stamps;
        if (!changed.isEmpty()) {
            changes.changedFiles().put(id, changed);
        }
        if (!row.equals(run.row)) {
            run.row = row;
            changes.rows().add(row);
        }
    }

    /** All runs, as the last scan found them. */
    public synchronized ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("folder", folder.given().toString());
        ArrayNode rows = json.putArray("runs");
        known.values().forEach(run -> rows.add(run.row));
        ArrayNode sentences = json.putArray("problems");
        problems.forEach(sentences::add);
        return json;
    }

    /** Says how runs are; it remembers the heartbeats of those on other machines. */
    RunStates states() {
        return states;
    }

    /** Ids of the fine-tunings that began with a checkpoint of a run, without their seeds. */
    public synchronized List<String> finetuningsOf(String id) {
        List<String> found = new ArrayList<>();
        known.forEach((finetuning, run) -> {
            boolean ofRun = run.row.path("parent").path("id").asText().equals(id);
            if (ofRun && run.row.path("kind").asText().equals("finetuning") && !finetuning.matches(".*/seed-\\d+")) {
                found.add(finetuning);
            }
        });
        return found;
    }

    /**
     * When a file was written, and how long it is.
     *
     * @param key of the file itself: another one under the same name has another
     */
    record FileStamp(Instant modified, long size, Object key) {
        /** Of the files of a run that say that something is new. */
        static Map<String, FileStamp> of(RunFiles files) {
            Map<String, FileStamp> stamps = new HashMap<>();
            add(stamps, "config", files.config());
            add(stamps, "config", files.finetuningConfig());
            add(stamps, "provenance", files.provenance());
            add(stamps, "status", files.status());
            add(stamps, "metrics", files.metrics());
            add(stamps, "recording", files.layerNorms().resolve("weight").resolve(".zarray"));
            add(stamps, "probes", files.probes());
            add(stamps, "results", files.results());
            add(stamps, "checkpoints", files.checkpoints());
            return stamps;
        }

        private static void add(Map<String, FileStamp> stamps, String name, Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.put(
                        name,
                        new FileStamp(
                                attributes.lastModifiedTime().toInstant(),
                                attributes.isDirectory() ? 0 : attributes.size(),
                                attributes.fileKey()));
            } catch (IOException e) {
                return; // not there, or not yet
            }
        }

        static Set<String> differences(Map<String, FileStamp> before, Map<String, FileStamp> now) {
            Set<String> names = new TreeSet<>(before.keySet());
            names.addAll(now.keySet());
            names.removeIf(name -> Objects.equals(before.get(name), now.get(name)));
            return names;
        }
    }
}
