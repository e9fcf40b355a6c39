package norma.monitor.recording;

/** A run has no recording, or none yet. */
public final class NothingRecordedException extends RuntimeException {
    NothingRecordedException(String sentence) {
        super(sentence);
    }
}
