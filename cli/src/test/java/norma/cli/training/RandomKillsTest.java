package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.NormaProcess;
import norma.cli.ShipsTask;
import norma.datasets.files.DurableFiles;
import norma.trainer.run.RunFolder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs in processes of their own, each killed with SIGKILL at a random moment and then resumed, or begun again where
 * the kill came before there was something to resume: every file ends bit for bit as in a run that was never killed.
 * Pre-trainings and fine-tunings by turns; of four cases two fall into a run's first twentieth, where its folder is
 * made.
 *
 * <p>{@code -Dnorma.kills=N} says how many, {@code -Dnorma.kills.seed=S} which; {@code -Dnorma.kills.case=K} runs one
 * of them. The folder of a case that fails is kept as the kill left it in {@code target/random-kills}, where
 * {@code norma resume} replays it.
 */
@Tag("run")
class RandomKillsTest {
    private static final int KILLS = Integer.getInteger("norma.kills", 3);
    private static final long SEED = Long.getLong("norma.kills.seed", 1);
    private static final Path KEPT = Path.of("target", "random-kills");
    private static final String NAME = "run"; // of every run: pictures have it in their titles

    @TempDir
    private Path folder;

    private enum Kind {
        PRETRAINING,
        FINETUNING
    }

    private enum Moment {
        BEFORE_THE_FOLDER_WAS_SET_UP,
        IN_TRAINING,
        AFTER_THE_END
    }

    /**
     * A run that was never killed.
     *
     * @param command that makes it, without its folder of runs
     * @param contents of its files
     * @param millis from the moment that its folder is there to its end
     */
    private record Whole(List<Object> command, Map<String, byte[]> contents, long millis) {}

    @Test
    void runsKilledAtRandomMoments_endAsIfTheyHadNeverBeen() throws Exception {
        Map<Kind, Whole> whole = new EnumMap<>(Kind.class);
        Map<Moment, Integer> moments = new EnumMap<>(Moment.class);
        List<String> failures = new ArrayList<>();
        for (int number : cases()) {
            Kind kind = Kind.values()[number % 2];
            if (!whole.containsKey(kind)) {
                whole.put(kind, whole(kind));
            }
            Path runs = folder.resolve("case-" + number);
            Moment moment = kill(whole.get(kind), runs, number);
            moments.merge(moment, 1, Integer::sum);
            Path kept = KEPT.resolve("seed-" + SEED + "-case-" + number);
            DurableFiles.delete(kept);
            if (Files.exists(runs.resolve(NAME))) {
                Files.createDirectories(KEPT);
                CommandLineRun.copy(runs.resolve(NAME), kept);
            }
            Optional<String> difference = goOn(whole.get(kind), runs);
            if (difference.isPresent()) {
                failures.add("seed " + SEED + ", case " + number + ", " + kind + " killed " + moment + ": "
                        + difference.get() + " (as it was killed: " + kept.toAbsolutePath() + ")");
                System.out.println("FAILED: " + failures.get(failures.size() - 1));
            } else {
                DurableFiles.delete(kept);
            }
            DurableFiles.delete(runs);
        }
        System.out.printf("%d kills, seed %d: %s; %d differ%n", cases().size(), SEED, moments, failures.size());
        assertThat(failures).isEmpty();
    }

    private static List<Integer> cases() {
        Integer one = Integer.getInteger("norma.kills.case");
        return one != null
                ? List.of(one)
                : Stream.iterate(0, number -> number + 1).limit(KILLS).toList();
    }

    private List<Object> command(Kind kind) throws IOException {
        if (kind == Kind.PRETRAINING) {
            List<Object> command =
                    new ArrayList<>(List.of("pretrain", CommandLineRun.tinyConfig(folder), "--run", NAME));
            for (String setting : List.of(
                    "training.steps=120", "checkpoints.every=10", "checkpoints.keep=3", "evaluation.every=30")) {
                command.addAll(List.of("--set", setting));
            }
            return command;
        }
        Path checkpoint = CommandLineRun.tinyRun(Files.createDirectory(folder.resolve("parent")))
                .resolve("checkpoints/step-00000006");
        List<Object> command = new ArrayList<>(List.of("finetune", checkpoint));
        command.addAll(ShipsTask.in(folder).options());
        command.addAll(List.of("--batch-size", 8, "--learning-rate", 0.01, "--max-length", 16));
        command.addAll(List.of("--epochs", 3, "--seeds", 2, "--checkpoint-every", 7, "--run", NAME));
        return command;
    }

    private Whole whole(Kind kind) throws Exception {
        List<Object> command = command(kind);
        Path runs = folder.resolve("whole-" + kind);
        NormaProcess process = start(command, runs).await(() -> Files.exists(runs.resolve(NAME)));
        long start = System.nanoTime();
        assertThat(process.finish()).as(process::printed).isZero();
        long millis = (System.nanoTime() - start) / 1_000_000;
        return new Whole(command, contents(runs.resolve(NAME)), millis);
    }

    private static List<Object> in(List<Object> command, Path runs) {
        List<Object> words = new ArrayList<>(command);
        words.addAll(List.of("--runs", runs));
        return words;
    }

    private NormaProcess start(List<Object> command, Path runs) throws IOException {
        return NormaProcess.start(folder.resolve("output"), in(command, runs).toArray());
    }

    /** Starts the run and kills it; says how far it had come. */
    private Moment kill(Whole whole, Path runs, int number) throws Exception {
        double share = new SplittableRandom(SEED * 1_000_003 + number).nextDouble();
        double moment = number / 2 % 2 == 0 ? share : share / 20;
        NormaProcess process = start(whole.command(), runs).await(() -> Files.exists(runs.resolve(NAME)));
        Thread.sleep((long) (moment * whole.millis()));
        boolean ended = process.kill();
        if (ended) {
            return Moment.AFTER_THE_END;
        }
        return RunFolder.isBegun(runs.resolve(NAME)) ? Moment.IN_TRAINING : Moment.BEFORE_THE_FOLDER_WAS_SET_UP;
    }

    /** Resumes the run, or begins it again; says what is not as it should be in the end. */
    private static Optional<String> goOn(Whole whole, Path runs) throws IOException {
        Path run = runs.resolve(NAME);
        List<Object> words = RunFolder.isBegun(run) ? List.of("resume", run) : in(whole.command(), runs);
        CommandLineRun last = CommandLineRun.of(words.toArray());
        if (last.code() != 0) {
            return Optional.of("exit code " + last.code() + ": " + last.err().strip());
        }
        Map<String, byte[]> found = contents(run);
        TreeSet<String> names = new TreeSet<>(found.keySet());
        names.addAll(whole.contents().keySet());
        for (String name : names) {
            if (!java.util.Arrays.equals(found.get(name), whole.contents().get(name))) {
                boolean both = found.containsKey(name) && whole.contents().containsKey(name);
                return Optional.of(
                        name + (both ? " differs" : found.containsKey(name) ? " is too many" : " is missing"));
            }
        }
        return Optional.empty();
    }

    /** Every file but those that hold times and process numbers; of the metrics without these. */
    private static Map<String, byte[]> contents(Path run) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = run.relativize(file).toString();
                boolean ofTheProcess = name.equals("provenance.json")
                        || name.equals("status.json")
                        || name.equals("norma.log")
                        || name.startsWith("tensorboard")
                        || name.contains("/tensorboard/")
                        || file.getFileName().toString().startsWith(".writing-"); // what a kill leaves of a file
                if (!ofTheProcess) {
                    contents.put(name, name.equals("metrics.jsonl") ? withoutTimes(file) : Files.readAllBytes(file));
                }
            }
        }
        return contents;
    }

    private static byte[] withoutTimes(Path metrics) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String line : Files.readAllLines(metrics)) {
            ObjectNode json = (ObjectNode) new ObjectMapper().readTree(line);
            json.remove(List.of("step_seconds", "tokens_per_second", "resident_bytes"));
            lines.append(json).append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }
}
