package norma.monitor.recording;

/** A question that nothing can answer: a site, part or number that does not exist. */
public final class BadQueryException extends RuntimeException {
    /** With a sentence that says what was found and what expected. */
    public BadQueryException(String sentence) {
        super(sentence);
    }

    /** With key, value and what was expected. */
    public static BadQueryException of(String key, Object found, String expected) {
        return new BadQueryException(key + ": found " + found + ", expected " + expected);
    }
}
