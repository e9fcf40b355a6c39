package norma.cli.finetune;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.probes.source.ModelSource;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.run.RunFiles;

/**
 * The name of a fine-tuning that was given none: its task's and its model's. Where that folder is another task's or
 * another model's, digits are appended that are made from both, so that two tasks of one name never share a folder.
 */
final class FinetuningName {
    private static final int DIGITS = 6;

    private FinetuningName() {}

    /**
     * The name.
     *
     * @param source what is fine-tuned
     * @param runs the folder of all runs
     */
    static String of(FinetuneConfig config, ModelSource source, Path runs) throws IOException {
        String name = plain(config.task().source().name() + "-" + model(source));
        Path folder = runs.resolve(name);
        if (!Files.exists(folder) || isOf(folder, config, source)) {
            return name;
        }
        String both = config.task() + "\n" + source.path();
        return name + "-" + Hashes.sha256(both).substring(0, DIGITS);
    }

    /** A run's name; of a checkpoint inside a run's folder that too, for many runs have a checkpoint of one name. */
    private static String model(ModelSource source) {
        Path folder = source.path();
        String name = String.valueOf(folder.getFileName());
        Path parent = folder.getParent();
        if (source.run() || parent == null || parent.getParent() == null) {
            return name;
        }
        if (parent.equals(new RunFiles(parent.getParent()).checkpoints())) {
            return parent.getParent().getFileName() + "-" + name;
        }
        return name.equals("checkpoint") ? parent.getParent().getFileName() + "-" + parent.getFileName() : name;
    }

    private static String plain(String words) {
        String name =
                words.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-").replaceAll("^[.-]+", "");
        return name.isEmpty() ? "task" : name;
    }

    /** Whether a folder is of this task and this model, or of checkpoints of this run. */
    private static boolean isOf(Path folder, FinetuneConfig config, ModelSource source) throws IOException {
        Optional<Path> settings = settings(folder);
        if (settings.isEmpty()) {
            return false;
        }
        try {
            FinetuneConfig there = RunConfigYaml.readFinetune(settings.get());
            return there.task().equals(config.task())
                    && Path.of(there.checkpoint()).startsWith(source.path());
        } catch (InvalidInputException e) {
            return false; // of an older version, or damaged: it stays as it is
        }
    }

    /** Of the one fine-tuning in a folder, or of the first of several along a run. */
    private static Optional<Path> settings(Path folder) throws IOException {
        Path own = new RunFiles(folder).finetuningConfig();
        if (Files.isRegularFile(own)) {
            return Optional.of(own);
        }
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.map(step -> new RunFiles(step).finetuningConfig())
                    .filter(Files::isRegularFile)
                    .sorted()
                    .findFirst();
        }
    }
}
