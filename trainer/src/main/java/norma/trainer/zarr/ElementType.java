package norma.trainer.zarr;

import norma.datasets.base.InvalidInputException;

/** Element types of the arrays that grow, little-endian. */
public enum ElementType {
    FLOAT32("<f4", Float.BYTES, "NaN"),
    /** Without a fill value: readers would turn the integers into floats in order to mask it. */
    INT64("<i8", Long.BYTES, null);

    private final String dtype;
    private final int bytes;
    private final String fillValue;

    ElementType(String dtype, int bytes, String fillValue) {
        this.dtype = dtype;
        this.bytes = bytes;
        this.fillValue = fillValue;
    }

    /** NumPy's name of the type, as {@code .zarray} has it. */
    public String dtype() {
        return dtype;
    }

    /** Size of an element. */
    public int bytes() {
        return bytes;
    }

    /** What {@code .zarray} says stands for an element that was never written; null for none. */
    String fillValue() {
        return fillValue;
    }

    static ElementType of(String dtype, String source) {
        for (ElementType type : values()) {
            if (type.dtype.equals(dtype)) {
                return type;
            }
        }
        throw InvalidInputException.of(source, "dtype", dtype, "\"<f4\" or \"<i8\"");
    }
}
