package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;

/**
 * The start of an array whose first axis counts tokens, and after them rows that fill it up.
 *
 * <p>A row that fills has the embedding 0 and the bias {@link #BIAS}: its logit is that bias whatever the hidden state
 * is, its probability 0 in float32, and so is every gradient that reaches it. AdamW and SGD leave it as it is.
 *
 * @param start of the tokens' rows
 * @param tokens how many rows are theirs
 * @param filler the value of the others
 */
record VocabularyPadding(Initializer start, int tokens, float filler) implements Initializer {
    /** exp of it is 0 in float32 beside any logit that a model has, and float16 and bfloat16 can hold it. */
    static final float BIAS = -10_000;

    @Override
    public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
        Shape of = new Shape(shape.getShape().clone());
        of.getShape()[0] = tokens;
        NDArray filled = manager.full(shape, filler, dataType);
        try (NDArray used = start.initialize(manager, of, dataType)) {
            filled.set(new NDIndex("0:" + tokens), used);
        }
        return filled;
    }
}
