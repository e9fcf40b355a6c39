package norma.cli.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files of every format that Norma reads: each is accepted or refused in one sentence, in time; where something
 * beside it says what it should be, it is not read as something else. {@code -Dnorma.fuzz=N} sets the number of cases,
 * {@code -Dnorma.fuzz.seed=S} draws others, and {@code -Dnorma.fuzz.format=NAME} takes one format only, and
 * {@code -Dnorma.fuzz.replay=FORMAT:SEED} runs one case again (docs/robustness.md).
 */
@Tag("run")
class FuzzTest {
    private static final int CASES = Integer.getInteger("norma.fuzz", 2000);
    private static final long SEED = Long.getLong("norma.fuzz.seed", 1);
    private static final String REPLAY = System.getProperty("norma.fuzz.replay", "");
    private static final String FORMAT = System.getProperty("norma.fuzz.format", "");
    private static final int THREADS = 2;

    @TempDir
    Path folder;

    @Test
    void damagedFiles_areAcceptedOrRefusedInASentence() throws Exception {
        List<Format> formats = new Formats(folder.resolve("samples"))
                .all().stream()
                        .filter(format -> FORMAT.isEmpty() || format.name().equals(FORMAT))
                        .toList();
        List<Fuzzer.Case> failures = Collections.synchronizedList(new ArrayList<>());
        Tally tally = new Tally();
        int shares = formats.stream().mapToInt(Format::share).sum();
        SplittableRandom seeds = new SplittableRandom(SEED);
        List<Callable<Void>> work = new ArrayList<>();
        List<Callable<Void>> trainings = new ArrayList<>();
        for (Format format : formats) {
            SplittableRandom own = new SplittableRandom(seeds.nextLong());
            int cases = Math.max(1, (int) Math.round((double) CASES * format.share() / shares));
            (format.trains() ? trainings : work).add(() -> {
                fuzz(format, cases(format, own, cases), tally, failures);
                return null;
            });
        }
        work.add(
                0,
                () -> { // the longest goes first
                    for (Callable<Void> training : trainings) {
                        training.call();
                    }
                    return null;
                });
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        System.out.print(tally);
        assertThat(failures)
                .as("replay one with -Dnorma.fuzz.replay=FORMAT:SEED")
                .isEmpty();
    }

    private static long[] cases(Format format, SplittableRandom random, int cases) {
        if (REPLAY.isEmpty()) {
            return random.longs(cases).toArray();
        }
        boolean asked = REPLAY.startsWith(format.name() + ":");
        return asked ? new long[] {Long.parseLong(REPLAY.substring(format.name().length() + 1))} : new long[0];
    }

    private void fuzz(Format format, long[] seeds, Tally tally, List<Fuzzer.Case> failures) throws Exception {
        if (seeds.length == 0) {
            return;
        }
        try (Fuzzer fuzzer = new Fuzzer(format, folder.resolve("work-" + format.name()))) {
            for (long seed : seeds) {
                Fuzzer.Case one = fuzzer.run(seed);
                tally.add(one);
                if (!REPLAY.isEmpty()) {
                    System.out.println(one);
                }
                if (one.outcome().isFailure() || (format.guarded() && one.outcome() == Outcome.DIFFERENT)) {
                    failures.add(one);
                }
                if (one.outcome() == Outcome.HANG) {
                    return; // its thread is still at it
                }
            }
        }
    }
}
