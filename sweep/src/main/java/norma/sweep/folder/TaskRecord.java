package norma.sweep.folder;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * What the task that trains a run says of it, in a file that it rewrites every few seconds.
 *
 * @param state how the run is
 * @param sentence why it failed or diverged; empty otherwise
 * @param step steps taken
 * @param attempt how often the run was begun or resumed before, in this start of the sweep
 * @param host machine of the task
 * @param heartbeat when this was written, by that machine's clock
 * @param probed probes that are done
 * @param problems what probes could not do, a sentence each
 */
public record TaskRecord(
        TaskState state,
        Optional<String> sentence,
        long step,
        int attempt,
        String host,
        Instant heartbeat,
        List<String> probed,
        List<String> problems) {
    /** From one heartbeat to the next. */
    public static final Duration INTERVAL = Duration.ofSeconds(2);

    /** A task that was not heard of for so long is gone. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    public TaskRecord {
        probed = List.copyOf(probed);
        problems = List.copyOf(problems);
    }

    /** Of a run that no task has begun. */
    public static final TaskRecord NONE =
            new TaskRecord(TaskState.WAITING, Optional.empty(), 0, 0, "", Instant.EPOCH, List.of(), List.of());

    /** The same with another state, now. */
    public TaskRecord with(TaskState newState, Optional<String> why, long newStep) {
        return new TaskRecord(newState, why, newStep, attempt, host, Instant.now(), probed, problems);
    }

    /**
     * How the run is for whoever reads this later: a task that says nothing any more is gone, whatever it said last.
     */
    public TaskState stateNow() {
        boolean silent = Duration.between(heartbeat, Instant.now()).compareTo(SILENCE) > 0;
        return state == TaskState.RUNNING && silent ? TaskState.INTERRUPTED : state;
    }

    /** Writes it whole. */
    public void write(Path file) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("state", state.label());
        json.put("sentence", sentence.orElse(null));
        json.put("step", step);
        json.put("attempt", attempt);
        json.put("host", host);
        json.put("heartbeat", heartbeat.toString());
        probed.forEach(json.putArray("probed")::add);
        problems.forEach(json.putArray("problems")::add);
        JsonFile.write(file, json);
    }

    /**
     * Reads it.
     *
     * @return {@link #NONE} if there is none yet
     * @throws norma.datasets.base.InvalidInputException if it is something else, with file and key
     */
    public static TaskRecord read(Path file) {
        if (!Files.exists(file)) {
            return NONE;
        }
        JsonObject json = JsonFile.read(file, "what a task of a sweep says");
        String state = json.text("state");
        String heartbeat = json.text("heartbeat");
        try {
            return new TaskRecord(
                    Arrays.stream(TaskState.values())
                            .filter(known -> known.label().equals(state))
                            .findFirst()
                            .orElseThrow(() -> json.wrong("state", state, "how a run is, such as running")),
                    json.textIfAny("sentence"),
                    json.wholeNumber("step", 0),
                    json.count("attempt", 0),
                    json.text("host"),
                    Instant.parse(heartbeat),
                    texts(json, "probed"),
                    texts(json, "problems"));
        } catch (DateTimeException e) {
            throw json.wrong("heartbeat", heartbeat, "a time such as 2026-01-01T00:00:00Z");
        }
    }

    private static List<String> texts(JsonObject json, String key) {
        List<String> texts = new java.util.ArrayList<>();
        json.node().path(key).forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
