package norma.cli.terminal;

import norma.datasets.base.Progress;

/** Shows progress: a bar with rate and time left on a terminal, a plain line every few seconds elsewhere. */
public interface ProgressDisplay extends Progress, AutoCloseable {
    /** Shows nothing. */
    ProgressDisplay SILENT = new ProgressDisplay() {
        @Override
        public void update(String stage, long done, long total, String unit) {}

        @Override
        public void finish() {}
    };

    /** A few words behind the progress, such as the loss. */
    default void note(String words) {}

    /** Ends the bar that is showing, so that something else can be printed; later updates start another. */
    void finish();

    @Override
    default void close() {
        finish();
    }
}
