package norma.trainer.optimizer;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import norma.trainer.model.HiddenAxes;

/** How gradients change parameters, in place and on the device. */
public sealed interface Optimizer extends AutoCloseable permits AdamW, RotatedAdamW, Sgd {
    /** Which optimiser, and what does not change from step to step. */
    sealed interface Settings permits AdamW.Hyperparameters, RotatedAdamW.Hyperparameters, Sgd.Hyperparameters {
        /** What {@code optimizer.type} calls it. */
        String type();

        /** Of the groups that decay. */
        double weightDecay();

        /** Clipping bound; infinity for none. */
        double maxGradientNorm();

        /**
         * Names of the arrays that it keeps for each parameter, all 0 before the first update, as torch.optim has them.
         */
        List<String> state();

        /** How many arrays of all gradients' size an update makes besides them, for as long as it takes. */
        default int copiesOfGradients() {
            return 0;
        }

        /** Whether it has to know which axes of a parameter count the hidden positions. */
        default boolean needsHiddenAxes() {
            return false;
        }

        /**
         * The optimiser.
         *
         * @param manager owns what it needs
         * @param hiddenSize H
         */
        Optimizer create(NDManager manager, int hiddenSize);
    }

    /**
     * Arrays that are updated together, in the same order in each list.
     *
     * @param parameters p
     * @param state for each of {@link Settings#state} its arrays
     * @param axes which axes of a parameter count the hidden positions
     * @param decays whether weight decay applies
     */
    record Group(List<PtNDArray> parameters, List<List<PtNDArray>> state, List<HiddenAxes> axes, boolean decays) {
        public Group {
            parameters = List.copyOf(parameters);
            state = state.stream().map(List::copyOf).toList();
            axes = List.copyOf(axes);
        }
    }

    /**
     * One update of one group, in place.
     *
     * @param group what to update
     * @param gradients of the group's parameters, in its order; they are overwritten
     * @param scaling as {@link Clipping#begin} gave it for all groups
     * @param learningRate of this update
     */
    void update(Group group, List<PtNDArray> gradients, Clipping.Scaling scaling, double learningRate);

    @Override
    void close();
}
