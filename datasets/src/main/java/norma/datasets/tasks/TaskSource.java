package norma.datasets.tasks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import norma.datasets.InvalidInputException;
import norma.datasets.NearestKey;

/** Where a task comes from. */
public sealed interface TaskSource permits TaskSource.Glue, OwnFiles {
    /** What messages and results call the task. */
    String name();

    /**
     * Reads the whole task.
     *
     * @throws InvalidInputException if a file is missing or not as it should be
     */
    LabelledTask load();

    /**
     * A task of GLUE.
     *
     * @param data GLUE's folder, or the task's own
     */
    record Glue(GlueTask task, Path data) implements TaskSource {
        @Override
        public String name() {
            return task.title();
        }

        @Override
        public LabelledTask load() {
            return task.load(data);
        }
    }

    /** The names that {@link #named} knows. */
    static List<String> names() {
        return new ArrayList<>(
                Arrays.stream(GlueTask.values()).map(GlueTask::title).toList());
    }

    /**
     * The task of a name, in whatever case, with or without hyphens.
     *
     * @param data GLUE's folder or the task's own, or null
     * @throws InvalidInputException if there is no such task, or it needs a folder and has none
     */
    static TaskSource named(String name, Path data) {
        Optional<GlueTask> glue = GlueTask.named(name);
        if (glue.isPresent()) {
            if (data == null) {
                throw InvalidInputException.of(
                        "command line",
                        "--data",
                        "nothing",
                        "the folder of GLUE, or its folder " + glue.get().title() + ", for the task " + name);
            }
            return new Glue(glue.get(), data);
        }
        List<String> known =
                names().stream().map(known1 -> known1.toLowerCase(Locale.ROOT)).toList();
        String expected = NearestKey.of(name.toLowerCase(Locale.ROOT), known)
                .map(nearest -> "did you mean " + nearest + "? There are " + String.join(", ", known))
                .orElse("one of " + String.join(", ", known));
        throw InvalidInputException.of("command line", "--task", name, expected);
    }
}
