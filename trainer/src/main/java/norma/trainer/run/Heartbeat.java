package norma.trainer.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * {@code status.json}: what a process says of the run that it trains.
 *
 * @param state one of {@link RunState#WRITTEN}
 * @param sentence why it failed or diverged
 * @param step steps taken
 * @param steps of the whole run
 * @param process that trains
 * @param began when it began to train
 * @param at when this was written, by the process's clock
 * @param beat how many were written before by the process: it differs even where clocks do
 */
record Heartbeat(
        RunState state,
        Optional<String> sentence,
        long step,
        long steps,
        RunProcess process,
        Instant began,
        Instant at,
        long beat) {
    private static final String STATE = "state";
    private static final String SENTENCE = "sentence";
    private static final String STEP = "step";
    private static final String STEPS = "steps";
    private static final String PID = "pid";
    private static final String PID_SPACE = "pid_space";
    private static final String PROCESS_STARTED = "process_started";
    private static final String HOST = "host";
    private static final String BEGAN = "began";
    private static final String HEARTBEAT = "heartbeat";
    private static final String BEAT = "beat";

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put(STATE, state.label());
        json.put(SENTENCE, sentence.orElse(null));
        json.put(STEP, step);
        json.put(STEPS, steps);
        json.put(PID, process.pid());
        json.put(PID_SPACE, process.pidSpace().orElse(null));
        json.put(PROCESS_STARTED, process.start().map(Instant::toString).orElse(null));
        json.put(HOST, process.host());
        json.put(BEGAN, began.toString());
        json.put(HEARTBEAT, at.toString());
        json.put(BEAT, beat);
        return json;
    }

    /**
     * Reads the file.
     *
     * @throws norma.datasets.base.InvalidInputException if it is not what {@link #json} makes, with file and key
     */
    static Heartbeat read(Path file) {
        JsonObject json = JsonFile.read(file, "what a run says of itself");
        String state = json.text(STATE);
        RunProcess process = new RunProcess(
                json.wholeNumber(PID, 1),
                json.textIfAny(PROCESS_STARTED).map(text -> instant(json, PROCESS_STARTED, text)),
                json.text(HOST),
                json.textIfAny(PID_SPACE));
        return new Heartbeat(
                RunState.ofWritten(state)
                        .orElseThrow(() -> json.wrong(STATE, state, "one of " + RunState.writtenLabels())),
                json.textIfAny(SENTENCE),
                json.wholeNumber(STEP, 0),
                json.wholeNumber(STEPS, 0),
                process,
                instant(json, BEGAN, json.text(BEGAN)),
                instant(json, HEARTBEAT, json.text(HEARTBEAT)),
                json.wholeNumber(BEAT, 0));
    }

    private static Instant instant(JsonObject json, String key, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw json.wrong(key, text, "a moment such as 2026-01-31T12:00:00Z");
        }
    }

    /** The run in a state that this implies. */
    RunStatus status(RunState implied, Optional<String> why) {
        return new RunStatus(
                implied,
                why,
                OptionalLong.of(step),
                OptionalLong.of(steps),
                Optional.of(process),
                Optional.of(began),
                Optional.of(at));
    }
}
