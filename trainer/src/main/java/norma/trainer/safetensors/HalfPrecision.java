package norma.trainer.safetensors;

/** 16-bit floating point, widened exactly. */
final class HalfPrecision {
    private static final int F16_EXPONENT = 0x7c00;
    private static final int F16_FRACTION = 0x03ff;

    private HalfPrecision() {}

    /** IEEE 754 binary16: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
    static float fromFloat16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits & F16_EXPONENT;
        int fraction = bits & F16_FRACTION;
        if (exponent == F16_EXPONENT) {
            return Float.intBitsToFloat(sign | 0x7f80_0000 | (fraction << 13));
        }
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | (((exponent >> 10) + 127 - 15) << 23) | (fraction << 13));
    }

    /** bfloat16: the upper half of a float32. */
    static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
