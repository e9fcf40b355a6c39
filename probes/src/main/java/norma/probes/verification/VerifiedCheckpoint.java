package norma.probes.verification;

/**
 * What was found of one checkpoint.
 *
 * @param step of it
 * @param weightsSha256 SHA-256 of its weights: names, shapes and values; null if it is damaged
 * @param comparedValues how many LayerNorm values were compared with the recording; 0 if its step is not recorded, or
 *     it is damaged
 */
public record VerifiedCheckpoint(long step, String weightsSha256, int comparedValues) {}
