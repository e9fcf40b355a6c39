package norma.datasets.tokens;

/** What tokens on disk know of the sentences that documents consist of. */
public enum SentenceMarks {
    /** Nothing: a document is one sentence. */
    NONE,
    /** Where each begins. */
    PLACES,
    /** Where each begins; and a separator follows each of them, not only the document. */
    SEPARATORS
}
