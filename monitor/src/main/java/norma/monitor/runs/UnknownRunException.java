package norma.monitor.runs;

import norma.datasets.base.Quoted;

/** There is no run under a name, or the name leads out of the folder of the runs; which of the two is not said. */
public final class UnknownRunException extends RuntimeException {
    UnknownRunException(String id) {
        super(Quoted.excerpt(Quoted.escaped(id)) + ": no such run");
    }
}
