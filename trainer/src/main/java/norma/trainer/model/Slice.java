package norma.trainer.model;

/**
 * The values of a parameter that belong to a position of the hidden vector: of a vector the element there, of a matrix
 * the column or row, of any array all elements with that index on one axis.
 *
 * @param parameter Hugging Face name
 * @param axis the axis that counts the positions of the hidden vector
 */
public record Slice(String parameter, int axis) {
    public Slice {
        if (axis < 0) {
            throw new IllegalArgumentException(parameter + ": axis " + axis);
        }
    }

    /** Of a vector. */
    public static Slice ofVector(String parameter) {
        return new Slice(parameter, 0);
    }
}
