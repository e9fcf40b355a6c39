package norma.probes.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.finetuning.Finetuning;
import norma.trainer.run.RunFiles;

/** Models that lie inside a folder which is neither a run nor a model, for the message about that folder. */
public final class ModelsInside {
    private static final int SHOWN = 3;
    private static final String FINE_TUNINGS =
            "is the folder of several fine-tunings, one for each checkpoint of a run, expected one of";
    private static final Pattern SEED = Pattern.compile("seed-(-?\\d{1,18})");

    private ModelsInside() {}

    /** What the folder is, and which path inside it is expected; empty where it has no model that Norma put there. */
    static Optional<String> sentence(Path folder) {
        if (Finetuning.isFolder(folder)) {
            return Optional.of("is the folder of a fine-tuning, expected " + one(ofSeeds(folder)));
        }
        Path best = new RunFiles(folder).bestCheckpoint();
        if (isModel(best)) {
            return Optional.of("is the folder of one seed of a fine-tuning, expected its model " + best);
        }
        Optional<Path> tuned = fineTunings(folder).stream()
                .flatMap(step -> ofSeeds(step).stream())
                .reduce((earlier, later) -> later);
        if (tuned.isPresent()) {
            return Optional.of(FINE_TUNINGS + " their models, such as " + tuned.get());
        }
        return ofSteps(folder).stream()
                .filter(ModelsInside::isModel)
                .reduce((earlier, later) -> later)
                .map(last -> "is the folder of a run's checkpoints, expected one of them (the last is " + last
                        + ") or the run");
    }

    /** The same of one that holds fine-tunings along a run, for who takes a fine-tuning: one of these is expected. */
    public static Optional<String> sentenceAboutFineTunings(Path folder) {
        return fineTunings(folder).stream()
                .reduce((earlier, later) -> later)
                .map(last -> FINE_TUNINGS + " them, such as " + last);
    }

    private static List<Path> fineTunings(Path folder) {
        return ofSteps(folder).stream().filter(Finetuning::isFolder).toList();
    }

    private static List<Path> ofSteps(Path folder) {
        return children(folder).stream()
                .filter(child -> Checkpoints.step(child).isPresent())
                .sorted()
                .toList();
    }

    private static String one(List<Path> models) {
        return switch (models.size()) {
            case 0 -> "one that has a model: no seed of this one has ended an epoch yet";
            case 1 -> "its model " + models.get(0);
            default -> "one of its models, each of a seed's best epoch: " + listed(models);
        };
    }

    private static String listed(List<Path> models) {
        String first = models.stream().limit(SHOWN).map(Path::toString).collect(Collectors.joining(", "));
        return models.size() > SHOWN ? first + ", \u2026 (" + models.size() + " in all)" : first;
    }

    private static List<Path> ofSeeds(Path finetuning) {
        return children(finetuning).stream()
                .filter(child -> seed(child).isPresent())
                .sorted(Comparator.comparing(child -> seed(child).orElse(0L)))
                .map(seed -> new RunFiles(seed).bestCheckpoint())
                .filter(ModelsInside::isModel)
                .toList();
    }

    private static Optional<Long> seed(Path folder) {
        Matcher matcher = SEED.matcher(folder.getFileName().toString());
        return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
    }

    private static boolean isModel(Path folder) {
        return Files.isRegularFile(new CheckpointFiles(folder).config());
    }

    private static List<Path> children(Path folder) {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }
}
