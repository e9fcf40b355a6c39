package norma.trainer.run;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a run is, and the process that trains it or trained it last.
 *
 * @param state how it is
 * @param sentence why, for people: of a run that failed, diverged, was killed or cannot be read, and wherever the state
 *     is not certain
 * @param step steps taken; empty where it is not known
 * @param steps of the whole run; empty where it is not known
 * @param process that trains, or trained last; empty where it is not known
 * @param began when that process began to train; empty where it is not known
 * @param heartbeat when that process was heard of last, by its own clock; empty where it is not known
 */
public record RunStatus(
        RunState state,
        Optional<String> sentence,
        OptionalLong step,
        OptionalLong steps,
        Optional<RunProcess> process,
        Optional<Instant> began,
        Optional<Instant> heartbeat) {

    /** Of a run whose {@code status.json} says nothing. */
    static RunStatus of(RunState state, String sentence) {
        return new RunStatus(
                state,
                Optional.ofNullable(sentence),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
