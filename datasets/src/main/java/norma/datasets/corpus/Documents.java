package norma.datasets.corpus;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** One pass over a corpus; documents come one at a time, none is kept. */
public abstract class Documents implements Iterator<String>, AutoCloseable {
    private String ahead;
    private boolean ended;
    private long textless;

    /** The next document that is not blank; null at the end. */
    abstract String read();

    /** Of a row of a table: whether it has a text; one that has none is counted. */
    final boolean hasText(String row) {
        if (row != null && !row.isBlank()) {
            return true;
        }
        textless++;
        return false;
    }

    /** Rows of a table that had no text so far, and so gave no document. */
    public final long textless() {
        return textless;
    }

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
