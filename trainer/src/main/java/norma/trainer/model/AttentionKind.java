package norma.trainer.model;

/** Which attention of a model. */
public enum AttentionKind {
    /** Of an encoder's tokens to each other. */
    ENCODER,
    /** Of a decoder's tokens to those before them. */
    DECODER,
    /** Of a decoder's tokens to the encoder's. */
    CROSS,
    /** Of XLNet's query stream to its content stream. */
    QUERY
}
