package norma.trainer.model;

/** Told when the parts of a training step begin; the bench listens, a run does not. */
public interface StepClock {
    /** The parts of a step, in their order. */
    enum Part {
        BATCH,
        DROPOUT_MASKS,
        FORWARD,
        BACKWARD,
        CLIPPING,
        OPTIMIZER,
        RECORDING,
        LOGGING,
        REST
    }

    /** Listens to nothing. */
    StepClock OFF = part -> {};

    /** The part that begins now; the one before has ended. */
    void enter(Part part);
}
