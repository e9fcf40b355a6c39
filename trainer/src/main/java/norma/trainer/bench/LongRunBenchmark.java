package norma.trainer.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import norma.datasets.base.InvalidInputException;
import norma.trainer.run.ForwardingListener;
import norma.trainer.run.ResidentMemory;
import norma.trainer.run.RunFolder;
import norma.trainer.run.RunListener;
import norma.trainer.step.Learner;

/**
 * Whether a run's steps take as long at its end as at its beginning. Machines become slower and faster by themselves,
 * more than a run ages; so the first and the last tenth of a run are cut into stretches, in the middle of each the run
 * waits while a fresh process times the same steps, and the stretch counts as a multiple of that.
 */
public final class LongRunBenchmark {
    /** Fewer steps than this have no median worth the name. */
    private static final int SHORTEST_STRETCH = 10;

    /** The same steps, timed in a process that has just started. */
    @FunctionalInterface
    public interface FreshProcess {
        /**
         * Times some steps, while the run waits.
         *
         * @param config the run's resolved configuration
         * @return seconds of the median step; NaN if the run is being stopped
         */
        double stepSeconds(Path config);
    }

    /**
     * Steps of the run, beside those of a fresh process in their middle.
     *
     * @param from its first step
     * @param to its last
     * @param seconds of the run's steps
     * @param freshSeconds of a fresh process's median step
     * @param residentBytes what the run's process held at its end, where the system tells it
     */
    public record Stretch(long from, long to, Spread seconds, double freshSeconds, OptionalLong residentBytes) {
        /** The run's median step over the fresh process's. */
        public double ratio() {
            return seconds.median() / freshSeconds;
        }
    }

    /**
     * A tenth of a run.
     *
     * @param stretches in the order of their steps
     */
    public record Tenth(List<Stretch> stretches) {
        /** Of a step, over a fresh process's at the same time. */
        public Spread ratio() {
            return Spread.of(stretches.stream().map(Stretch::ratio).toList());
        }

        /** Medians of the stretches. */
        public Spread seconds() {
            return Spread.of(stretches.stream()
                    .map(stretch -> stretch.seconds().median())
                    .toList());
        }

        /** Medians of the fresh processes. */
        public Spread freshSeconds() {
            return Spread.of(stretches.stream().map(Stretch::freshSeconds).toList());
        }

        /** At its end. */
        public OptionalLong residentBytes() {
            return stretches.get(stretches.size() - 1).residentBytes();
        }
    }

    private final long steps;
    private final long tenth;
    private final int comparisons;
    private final FreshProcess fresh;
    private final List<Stretch> first = new ArrayList<>();
    private final List<Stretch> last = new ArrayList<>();
    private final List<Double> seconds = new ArrayList<>();
    private Path config;
    private double freshSeconds; // of the stretch that goes on; 0 before its middle

    /**
     * For one run.
     *
     * @param steps of the run
     * @param comparisons with a fresh process, in the first tenth and as many in the last
     * @throws InvalidInputException if a stretch would have fewer than ten steps
     */
    public LongRunBenchmark(long steps, int comparisons, FreshProcess fresh) {
        this.tenth = steps / 10;
        if (tenth / comparisons < SHORTEST_STRETCH) {
            throw InvalidInputException.of(
                    "training",
                    "steps",
                    steps,
                    "at least " + 10L * SHORTEST_STRETCH * comparisons + ": " + SHORTEST_STRETCH
                            + " for each comparison, in a tenth of the run");
        }
        this.steps = steps;
        this.comparisons = comparisons;
        this.fresh = fresh;
    }

    /** The first tenth, once the run has ended. */
    public Tenth first() {
        return new Tenth(List.copyOf(first));
    }

    /** The last tenth, once the run has ended. */
    public Tenth last() {
        return new Tenth(List.copyOf(last));
    }

    /**
     * The share by which a step takes longer in the last tenth than in the first, as a fresh process sees the machine.
     */
    public double drift() {
        return last().ratio().median() / first().ratio().median() - 1;
    }

    /** Listens to the run from its first step on, and passes on what it hears. */
    public RunListener inFrontOf(RunListener listener) {
        return new Watch(listener);
    }

    private void count(long step, double elapsed) {
        if (first.size() < comparisons) {
            count(step, 0, elapsed, first);
        } else if (step > steps - tenth) {
            count(step, steps - tenth, elapsed, last);
        }
    }

    /** Counts a step to its stretch of the tenth that begins after another; on a GPU not every step is told. */
    private void count(long step, long start, double elapsed, List<Stretch> stretches) {
        seconds.add(elapsed);
        long from = start + stretches.size() * tenth / comparisons;
        long to = start + (stretches.size() + 1) * tenth / comparisons;
        if (freshSeconds == 0 && step >= (from + to) / 2) {
            freshSeconds = fresh.stepSeconds(config);
        }
        if (step >= to) {
            stretches.add(new Stretch(from + 1, to, Spread.of(seconds), freshSeconds, ResidentMemory.bytes()));
            seconds.clear();
            freshSeconds = 0;
        }
    }

    private final class Watch extends ForwardingListener {
        Watch(RunListener listener) {
            super(listener);
        }

        @Override
        public void step(long step, long all, Learner.Outcome outcome, int taken, double elapsed) {
            super.step(step, all, outcome, taken, elapsed);
            count(step, elapsed);
        }

        @Override
        public void opened(RunFolder folder) {
            config = folder.files().config();
            super.opened(folder);
        }
    }
}
