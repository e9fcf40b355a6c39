package norma.trainer.config;

import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.trainer.device.Bf16Support;
import norma.trainer.model.Precision;

/** The precision that a configuration's word comes to on this machine. */
final class MachinePrecision {
    private MachinePrecision() {}

    /**
     * The one that is faster here where that is left open.
     *
     * @param emulation how bf16 is taken all the same, for the message; null if it may be
     * @throws InvalidInputException if a CPU is asked for bf16 that has no instructions for it
     */
    static Precision of(String group, String key, Precision asked, String device, String emulation) {
        if (asked != Precision.AUTO && asked != Precision.BF16) {
            return asked;
        }
        Optional<String> problem = Bf16Support.problem(device);
        if (asked == Precision.AUTO) {
            return problem.isEmpty() ? Precision.BF16 : Precision.FLOAT32;
        }
        if (problem.isPresent() && !device.startsWith("gpu") && emulation != null) {
            throw InvalidInputException.of(
                    group, key, asked, "float32, which is faster here: " + problem.get() + emulation);
        }
        return asked;
    }
}
