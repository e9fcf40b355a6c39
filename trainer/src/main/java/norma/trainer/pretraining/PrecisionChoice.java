package norma.trainer.pretraining;

import java.util.Optional;
import norma.trainer.config.RunConfig;
import norma.trainer.device.Bf16Support;
import norma.trainer.model.Precision;
import norma.trainer.run.RunListener;

/** The precision of a new run on this machine. */
final class PrecisionChoice {
    private PrecisionChoice() {}

    /**
     * The configuration with its precision decided. Says which one was chosen, and where bf16 is slow.
     *
     * @throws norma.datasets.base.InvalidInputException as {@link RunConfig#forMachine}
     */
    static RunConfig of(RunConfig asked, RunListener listener) {
        RunConfig config = asked.forMachine();
        Precision precision = config.training().precision();
        if (asked.training().precision() == Precision.AUTO || precision == Precision.BF16) {
            Optional<String> problem = Bf16Support.problem(config.device());
            if (asked.training().precision() == Precision.AUTO) {
                listener.message("precision: " + precision + " (auto: "
                        + problem.orElse("this device has bf16 instructions") + ")");
            } else {
                problem.ifPresent(reason -> listener.warning("bf16 is slower than float32: " + reason));
            }
        }
        return config;
    }
}
