package norma.trainer.pretraining;

import java.util.Optional;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.config.RunConfig;
import norma.trainer.device.Bf16Support;
import norma.trainer.model.Precision;
import norma.trainer.run.RunListener;

/** The precision of a new run or fine-tuning on this machine. */
public final class PrecisionChoice {
    private PrecisionChoice() {}

    /**
     * The configuration with its precision decided. Says which one was chosen, and where bf16 is slow.
     *
     * @throws norma.datasets.base.InvalidInputException as {@link RunConfig#forMachine}
     */
    static RunConfig of(RunConfig asked, RunListener listener) {
        RunConfig config = asked.forMachine();
        announce(asked.training().precision(), config.training().precision(), config.device(), listener);
        return config;
    }

    /** The same of a fine-tuning. */
    public static FinetuneConfig of(FinetuneConfig asked, RunListener listener) {
        FinetuneConfig config = asked.forMachine();
        announce(asked.precision(), config.precision(), config.device(), listener);
        return config;
    }

    private static void announce(Precision asked, Precision precision, String device, RunListener listener) {
        if (asked != Precision.AUTO && precision != Precision.BF16) {
            return;
        }
        Optional<String> problem = Bf16Support.problem(device);
        if (asked == Precision.AUTO) {
            listener.message(
                    "precision: " + precision + " (auto: " + problem.orElse("this device has bf16 instructions") + ")");
        } else {
            problem.ifPresent(reason -> listener.warning("bf16 is slower than float32: " + reason));
        }
    }
}
