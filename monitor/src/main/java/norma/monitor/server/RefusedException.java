package norma.monitor.server;

/** A request that is not answered, with the status of HTTP and the sentence that it gets. */
final class RefusedException extends RuntimeException {
    private final int status;

    RefusedException(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    int status() {
        return status;
    }
}
