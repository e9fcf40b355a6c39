package norma.datasets.tasks;

import ai.djl.basicdataset.BasicDatasets;
import ai.djl.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.NearestKey;

/** Where a task comes from. */
public sealed interface TaskSource permits TaskSource.Glue, TaskSource.Fetched, WordNetTask, OwnFiles {
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

    /**
     * A labelled set of DJL's, fetched the first time.
     *
     * @param repository where from
     */
    record Fetched(LabelledSet set, Repository repository) implements TaskSource {
        @Override
        public String name() {
            return set.title();
        }

        @Override
        public LabelledTask load() {
            try {
                return set.load(repository);
            } catch (IOException e) {
                throw new InvalidInputException(
                        "task: " + name() + " has to be fetched from " + repository.getBaseUri()
                                + ", which does not work (" + e + "), expected an internet connection, or another task:"
                                + " wordnet comes with the program, and files of your own are read",
                        e);
            }
        }
    }

    /** The names that {@link #named} knows, as users write them. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (GlueTask task : GlueTask.values()) {
            names.add(task.title().toLowerCase(Locale.ROOT));
        }
        names.add(new WordNetTask().name().toLowerCase(Locale.ROOT));
        for (LabelledSet set : LabelledSet.values()) {
            names.add(set.title());
        }
        return names;
    }

    /**
     * The task of a name, in whatever case, with or without hyphens.
     *
     * @param data GLUE's folder or the task's own; null for other tasks
     * @throws InvalidInputException if there is no such task, it needs a folder and has none, or has one and needs none
     */
    static TaskSource named(String name, Path data) {
        Optional<GlueTask> glue = Arrays.stream(GlueTask.values())
                .filter(task -> plain(task.title()).equals(plain(name)))
                .findFirst();
        if (glue.isPresent()) {
            if (data == null) {
                throw InvalidInputException.of(
                        "task",
                        "data",
                        "nothing",
                        "the folder of GLUE, or its folder " + glue.get().title() + ", for the task " + name);
            }
            return new Glue(glue.get(), data);
        }
        TaskSource other = withoutFolder(name);
        if (data != null) {
            throw InvalidInputException.of(
                    "task", "data", data, "none, for the task " + other.name() + " reads no folder");
        }
        return other;
    }

    private static TaskSource withoutFolder(String name) {
        if (plain(name).equals(plain(new WordNetTask().name()))) {
            return new WordNetTask();
        }
        for (LabelledSet set : LabelledSet.values()) {
            if (plain(set.title()).equals(plain(name))) {
                return new Fetched(set, BasicDatasets.REPOSITORY);
            }
        }
        List<String> known = names();
        throw InvalidInputException.of(
                "task",
                "task",
                name,
                NearestKey.of(name.toLowerCase(Locale.ROOT), known)
                                .map(nearest -> "a task's name, did you mean " + nearest + "? There are ")
                                .orElse("one of ")
                        + String.join(", ", known));
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }
}
