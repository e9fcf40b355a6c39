package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
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

        /** What it makes on the way belongs to the manager of the hidden states, and so do the logits. */
        private NDArray logits(Network network, ForwardPass pass, NDArray hidden, DeviceBatch batch) {
            if (term.unit() == LossTerm.Unit.SEQUENCE) {
                return network.head(pass, head, hidden, batch); // of (B*S, H)
            }
            NDArray read = Operators.rows(batch.predictedPositions(), hidden); // (M, H)
            read.attach(hidden.getManager()); // what comes first decided otherwise
            return network.head(pass, head, read, batch);
        }

        private NDArray labels(DeviceBatch batch) {
            return term.unit() == LossTerm.Unit.SEQUENCE ? batch.nextSentenceLabels() : batch.predictedLabels();
        }
    }

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
     * The heads go backward to the last hidden state first, each on its own; then the rest once, from the sum.
     *
     * @param observer shown the probabilities of each task's outputs, (N, outputs), which it must not keep
     */
    public void forwardBackward(TrainingPass pass, DeviceBatch batch, LossSums sums, Consumer<NDArray> observer) {
        pass.clock().enter(StepClock.Part.FORWARD);
        NDArray hidden = main.stages().forward(pass, batch); // (B*S, H)
        NDArray leaf = pass.cut(hidden); // (B*S, H)
        for (int i = 0; i < tasks.size(); i++) {
            Task task = tasks.get(i);
            if (!task.applies(batch)) {
                continue;
            }
            pass.clock().enter(StepClock.Part.FORWARD);
            try (NDManager scope = batch.owner().newSubManager()) {
                leaf.attach(scope);
                NDArray logits = task.logits(main, pass, leaf, batch);
                NDArray probabilities = pass.losses().probabilities(logits);
                observer.accept(probabilities);
                Losses.Gradient result = pass.losses().crossEntropy(logits, probabilities, task.labels(batch));
                sums.add(i, result.loss());
                pass.clock().enter(StepClock.Part.BACKWARD);
                pass.backward(logits, sums.weighted(i, result.gradient()));
                leaf.attach(batch.owner());
            }
        }
        pass.clock().enter(StepClock.Part.BACKWARD);
        NDArray gradient = pass.gradientAt(leaf);
        if (gradient != null) {
            pass.backward(hidden, gradient);
        }
    }

    @Override
    public void score(ForwardPass pass, Losses losses, DeviceBatch batch, ScoreSums sums) {
        score(pass, losses, batch, sums, logits -> {});
    }

    /**
     * The same with an observer.
     *
     * @param observer shown the logits of each task, (N, outputs), which it must not keep
     */
    public void score(ForwardPass pass, Losses losses, DeviceBatch batch, ScoreSums sums, Consumer<NDArray> observer) {
        NDArray hidden = main.stages().forward(pass, batch); // (B*S, H)
        for (int i = 0; i < tasks.size(); i++) {
            Task task = tasks.get(i);
            if (!task.applies(batch)) {
                continue;
            }
            NDArray labels = task.labels(batch);
            try (NDManager scope = batch.owner().newSubManager()) {
                hidden.attach(scope);
                NDArray logits = task.logits(main, pass, hidden, batch);
                observer.accept(logits);
                Losses.Score score = losses.score(logits, labels);
                sums.add(i, score, labels.getShape().get(0));
                hidden.attach(batch.owner());
            }
        }
    }
}
