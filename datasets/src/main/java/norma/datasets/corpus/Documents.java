package norma.datasets.corpus;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** One pass over a corpus; documents come one at a time, none is kept. */
public abstract class Documents implements Iterator<String>, AutoCloseable {
    private String ahead;
    private boolean ended;

    /** The next document that is not blank; null at the end. */
    abstract String read();

    @Override
    public final boolean hasNext() {
        while (ahead == null && !ended) {
            String document = read();
            ended = document == null;
            if (document != null && !document.isBlank()) {
                ahead = document;
            }
        }
        return ahead != null;
    }

    @Override
    public final String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        String document = ahead;
        ahead = null;
        return document;
    }

    @Override
    public abstract void close();
}
