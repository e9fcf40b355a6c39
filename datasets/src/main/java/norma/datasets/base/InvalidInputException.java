package norma.datasets.base;

/**
 * The user's input is wrong. The message is one sentence a user can act on: which file, which key, what was found, and
 * what was expected. The command line prints it without a stack trace and exits with 2. What was found is shown as
 * {@link Quoted#of} shows it, and the whole message on one line.
 */
public sealed class InvalidInputException extends RuntimeException permits AlreadyExistsException {
    /** The source of what was handed to a library call and read from no file. */
    public static final String SETTINGS = "settings";

    private static final long serialVersionUID = 1L;

    private final String source;
    private final String key;
    private final String finding;

    /** A complete sentence, for input that has no key. */
    public InvalidInputException(String message) {
        super(Quoted.escaped(message));
        this.source = "";
        this.key = "";
        this.finding = Quoted.escaped(message);
    }

    /** A complete sentence, and what the system said. */
    public InvalidInputException(String message, Throwable cause) {
        super(Quoted.escaped(message), cause);
        this.source = "";
        this.key = "";
        this.finding = Quoted.escaped(message);
    }

    private InvalidInputException(String source, String key, String finding) {
        super(Quoted.escaped(source) + ": " + Quoted.of(key) + ": " + finding);
        this.source = source;
        this.key = key;
        this.finding = finding;
    }

    /**
     * The usual form: {@code configs/a.yaml: training.steps: found -5, expected a whole number of at least 1}.
     *
     * @param source the file, {@link #SETTINGS}, or the group of settings that a record checks
     * @param key the full key, such as {@code training.steps}, a column or a tensor name
     * @param found the value as the user wrote it
     * @param expected what would have been right
     */
    public static InvalidInputException of(String source, String key, Object found, String expected) {
        return new InvalidInputException(
                source, key, "found " + Quoted.of(found) + ", expected " + Quoted.escaped(expected));
    }

    /**
     * A value that the caller chose and no file has: {@code settings: layers: found 7, expected layers 0 to 5 of this
     * model}. Who let a user choose it knows what the user calls it, see {@link #at}.
     */
    public static InvalidInputException setting(String key, Object found, String expected) {
        return of(SETTINGS, key, found, expected);
    }

    /** The same finding, of a key in a source that is now known. */
    public InvalidInputException at(String newSource, String newKey) {
        InvalidInputException located = new InvalidInputException(newSource, newKey, finding);
        located.initCause(this);
        return located;
    }

    /** The source that {@link #of} was given, empty for input that has none. */
    @PublicApi
    public String source() {
        return source;
    }

    /** The key that {@link #of} was given, empty for input that has none. */
    @PublicApi
    public String key() {
        return key;
    }

    /**
     * The message without source and key: a record that checks its own components does not know which file they came
     * from, the reader of that file does.
     */
    @PublicApi
    public String finding() {
        return finding;
    }
}
