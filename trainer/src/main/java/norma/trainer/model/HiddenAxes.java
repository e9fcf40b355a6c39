package norma.trainer.model;

/**
 * Which axes of a parameter count the positions of the hidden vector, the residual stream. A matrix that reads the
 * stream has it on the axis of its inputs, one that writes to it on the axis of its outputs; which of the two axes that
 * is depends on how the matrix is stored.
 */
public enum HiddenAxes {
    /** No axis. */
    NONE,
    /**
     * The first: vectors that are added to the stream or scale it, matrices [out, in] that write to it, [in, out] that
     * read it.
     */
    FIRST,
    /** The second: embedding tables, matrices [out, in] that read the stream, [in, out] that write to it. */
    SECOND,
    /** Both: a matrix from the stream to positions that mean the same. */
    BOTH
}
