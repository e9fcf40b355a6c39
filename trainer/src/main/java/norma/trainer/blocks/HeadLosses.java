package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import norma.datasets.objectives.CausalLm;
import norma.datasets.objectives.Denoising;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.PermutationLm;
import norma.datasets.objectives.ReplacedTokens;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Head;
import norma.trainer.model.LossSums;
import norma.trainer.model.LossTerm;
import norma.trainer.model.Losses;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.ScoreSums;
import norma.trainer.model.StepClock;
import norma.trainer.model.TrainingPass;

/**
 * Pre-training of one network by heads on its last hidden state, each with a cross-entropy of its own.
 *
 * @param main the network
 * @param tasks a head for each term, the one that predicts tokens first
 * @param untrained parameters of heads that are not trained
 */
public record HeadLosses(Network main, List<Task> tasks, Set<Parameter> untrained) implements PretrainingModel {
    /**
     * A head with its labels.
     *
     * @param head which
     * @param term its loss: over predicted positions their labels, over sequences whether the second segment follows
     *     the first
     */
    public record Task(Head head, LossTerm term) {
        /** The original tokens at the predicted positions. */
        public static final Task MASKED_LM =
                new Task(Head.LANGUAGE_MODEL, new LossTerm(MaskedLm.STANDARD.tokenLoss(), LossTerm.Unit.PREDICTION, 1));

        /** The token after each position. */
        public static final Task CAUSAL_LM =
                new Task(Head.LANGUAGE_MODEL, new LossTerm(new CausalLm().tokenLoss(), LossTerm.Unit.PREDICTION, 1));

        /** The tokens of the spans that are predicted in a random order. */
        public static final Task PERMUTATION_LM = new Task(
                Head.LANGUAGE_MODEL, new LossTerm(new PermutationLm().tokenLoss(), LossTerm.Unit.PREDICTION, 1));

        /** The tokens of a text that was damaged. */
        public static final Task DENOISING = new Task(
                Head.LANGUAGE_MODEL, new LossTerm(Denoising.STANDARD.tokenLoss(), LossTerm.Unit.PREDICTION, 1));

        /** Whether the second segment follows the first. */
        public static final Task NEXT_SENTENCE =
                new Task(Head.NEXT_SENTENCE, new LossTerm("nsp", LossTerm.Unit.SEQUENCE, 1));

        /** Whether each labelled token was replaced. */
        public static final Task REPLACED_TOKENS =
                new Task(Head.REPLACED_TOKENS, new LossTerm(ReplacedTokens.KEY, LossTerm.Unit.PREDICTION, 1));

        private boolean applies(DeviceBatch batch) {
            return term.unit() == LossTerm.Unit.SEQUENCE || batch.host().predictedPositions().length > 0;
        }

        /** What the head reads, of the last hidden state (B*S, H): (M, H), or all of it for a loss of sequences. */
        private NDArray read(NDArray hidden, DeviceBatch batch) {
            if (term.unit() == LossTerm.Unit.SEQUENCE) {
                return hidden;
            }
            NDArray read = Operators.rows(batch.predictedPositions(), hidden); // (M, H)
            read.attach(hidden.getManager()); // what comes first decided otherwise
            return read;
        }

        /** How many rows of it the head reads at once. */
        private int rowsAtOnce(Network network, NDArray read) {
            int rows = Math.toIntExact(read.getShape().get(0));
            if (term.unit() == LossTerm.Unit.SEQUENCE) {
                return rows;
            }
            int most = mostRows(network.outputs(head), read.getDevice().isGpu());
            int parts = (rows + most - 1) / most;
            return (rows + parts - 1) / parts;
        }

        private NDArray labels(DeviceBatch batch) {
            return term.unit() == LossTerm.Unit.SEQUENCE ? batch.nextSentenceLabels() : batch.predictedLabels();
        }
    }

    /** Bytes of the logits that are made at once; a step in parts of half as many takes some percent longer. */
    private static final long LOGITS = 64L << 20;

    private static final long LOGITS_ON_A_CARD = 1L << 30;

    public HeadLosses {
        tasks = List.copyOf(tasks);
        untrained = Set.copyOf(untrained);
    }

    @Override
    public Map<String, Network> networks() {
        return Map.of(MAIN, main);
    }

    @Override
    public List<LossTerm> terms() {
        return tasks.stream().map(Task::term).toList();
    }

    @Override
    public void forwardBackward(TrainingPass pass, DeviceBatch batch, LossSums sums) {
        forwardBackward(pass, batch, sums, probabilities -> {});
    }

    /**
     * How many predictions a head makes at once. Their gradients are the same, to the last digits, as if it had made
     * all of them, and the logits of the others take no memory.
     *
     * @param outputs of the head
     */
    public static int mostRows(long outputs, boolean onCard) {
        long bytes = onCard ? LOGITS_ON_A_CARD : LOGITS;
        return Math.toIntExact(Math.max(1, bytes / (Float.BYTES * outputs)));
    }

    /**
     * The heads go backward to the last hidden state first, each on its own and in parts ({@link #mostRows}); then the
     * rest once, from the sum.
     *
     * @param observer shown the probabilities of the outputs, (rows, outputs), of each part of each task in their
     *     order; it must not keep them
     */
    public void forwardBackward(TrainingPass pass, DeviceBatch batch, LossSums sums, Consumer<NDArray> observer) {
        pass.clock().enter(StepClock.Part.FORWARD);
        NDArray hidden = main.stages().forward(pass, batch); // (B*S, H)
        NDArray leaf = pass.cut(hidden); // (B*S, H)
        for (int i = 0; i < tasks.size(); i++) {
            if (tasks.get(i).applies(batch)) {
                try (NDManager scope = batch.owner().newSubManager()) {
                    leaf.attach(scope);
                    forwardBackward(pass, i, leaf, batch, sums, observer);
                    leaf.attach(batch.owner());
                }
            }
        }
        pass.clock().enter(StepClock.Part.BACKWARD);
        NDArray gradient = pass.gradientAt(leaf);
        if (gradient != null) {
            pass.backward(hidden, gradient);
        }
    }

    private void forwardBackward(
            TrainingPass pass, int index, NDArray leaf, DeviceBatch batch, LossSums sums, Consumer<NDArray> observer) {
        Task task = tasks.get(index);
        pass.clock().enter(StepClock.Part.FORWARD);
        NDArray read = task.read(leaf, batch); // (M, H)
        NDArray labels = task.labels(batch); // (M)
        NDList gradients = new NDList();
        for (Part part : Part.all(read, labels, task.rowsAtOnce(main, read))) {
            try (NDManager scope = leaf.getManager().newSubManager()) {
                pass.clock().enter(StepClock.Part.FORWARD);
                NDArray cut = pass.cut(part.read());
                cut.attach(scope);
                NDArray logits = main.head(pass, task.head(), cut, batch);
                NDArray probabilities = pass.losses().probabilities(logits);
                observer.accept(probabilities);
                Losses.Gradient result = pass.losses().crossEntropy(logits, probabilities, part.labels());
                sums.add(index, result.loss());
                pass.clock().enter(StepClock.Part.BACKWARD);
                pass.backward(logits, sums.weighted(index, result.gradient()));
                NDArray gradient = pass.gradientAt(cut);
                gradient.attach(leaf.getManager());
                gradients.add(gradient);
            }
        }
        pass.backward(read, gradients.size() == 1 ? gradients.head() : NDArrays.concat(gradients));
    }

    /**
     * Rows that a head reads at once, with their labels; views.
     *
     * @param read (rows, H)
     * @param labels (rows)
     */
    private record Part(NDArray read, NDArray labels) {
        /** The parts of all rows, of as many each, the last of what is left. */
        static List<Part> all(NDArray read, NDArray labels, int rows) {
            long all = read.getShape().get(0);
            if (all <= rows) {
                return List.of(new Part(read, labels));
            }
            List<Part> parts = new ArrayList<>();
            for (long from = 0; from < all; from += rows) {
                NDIndex index = new NDIndex().addSliceDim(from, Math.min(all, from + rows));
                parts.add(new Part(read.get(index), labels.get(index)));
            }
            return parts;
        }
    }

    @Override
    public void score(ForwardPass pass, Losses losses, DeviceBatch batch, ScoreSums sums) {
        score(pass, losses, batch, sums, logits -> {});
    }

    /**
     * The same with an observer.
     *
     * @param observer shown the logits, (rows, outputs), of each part of each task in their order; it must not keep
     *     them
     */
    public void score(ForwardPass pass, Losses losses, DeviceBatch batch, ScoreSums sums, Consumer<NDArray> observer) {
        NDArray hidden = main.stages().forward(pass, batch); // (B*S, H)
        for (int i = 0; i < tasks.size(); i++) {
            Task task = tasks.get(i);
            if (!task.applies(batch)) {
                continue;
            }
            try (NDManager scope = batch.owner().newSubManager()) {
                hidden.attach(scope);
                NDArray read = task.read(hidden, batch); // (M, H)
                for (Part part : Part.all(read, task.labels(batch), task.rowsAtOnce(main, read))) {
                    score(pass, losses, batch, i, part, sums, observer);
                }
                hidden.attach(batch.owner());
            }
        }
    }

    private void score(
            ForwardPass pass,
            Losses losses,
            DeviceBatch batch,
            int index,
            Part part,
            ScoreSums sums,
            Consumer<NDArray> observer) {
        try (NDManager scope = part.read().getManager().newSubManager()) {
            NDArray read = part.read().stopGradient(); // a handle of this scope's own
            read.attach(scope);
            NDArray logits = main.head(pass, tasks.get(index).head(), read, batch);
            observer.accept(logits);
            sums.add(
                    index,
                    losses.score(logits, part.labels()),
                    part.labels().getShape().get(0));
        }
    }
}
