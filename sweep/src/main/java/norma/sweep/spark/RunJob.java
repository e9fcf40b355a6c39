package norma.sweep.spark;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.api.java.JavaFutureAction;

/**
 * The job that trains one run.
 *
 * @param task of the run
 * @param future of its only task's answer
 */
record RunJob(RunTask task, JavaFutureAction<List<String>> future) {
    /** Spark puts the exception of the last try into the middle of a message of many lines. */
    private static final Pattern THROWN = Pattern.compile("java\\.io\\.IOException: ([^\n]+)");

    boolean isDone() {
        return future.isDone();
    }

    /** Why the run has failed as often as it was tried; empty if its task came to an end of its own. */
    Optional<String> failure() throws InterruptedException {
        try {
            future.get();
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(reason(e));
        }
    }

    /** What happened on the executor, in a sentence. */
    static String reason(ExecutionException e) {
        String message = String.valueOf((e.getCause() == null ? e : e.getCause()).getMessage());
        Matcher thrown = THROWN.matcher(message);
        return thrown.find()
                ? thrown.group(1).strip()
                : message.lines().findFirst().orElse("").strip();
    }
}
