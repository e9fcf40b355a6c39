package norma.probes.evaluation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.datasets.base.PublicApi;
import norma.datasets.batches.Batch;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/** A set of examples with a way to score a model on them. */
@PublicApi(opaque = true)
public interface Evaluation {
    /** The examples. */
    List<Batch> batches();

    /** The same without masks: batches that predict nothing, of the text as it was. */
    List<Batch> plain();

    /**
     * Scores a model.
     *
     * @param states of {@link #batches}, in their order
     */
    Scores score(PretrainedModel bert, Iterable<BatchState> states);

    /** The score that damage is read from. */
    String headline();

    /**
     * What an ablation costs: by how much {@link #headline} is worse than the whole model's. The rise of a loss, the
     * fall of any other score; below 0 if the model gains.
     */
    double cost(Scores full, Scores ablated);

    /** What {@link #cost} is, such as {@code rise of loss}. */
    String costLabel();

    /** The scores whose mean and spread are told of baselines, {@link #headline} among them. */
    List<String> summarized();

    /** What it is, for the record: kind, source, size, hash. */
    ObjectNode describe();

    /** The same, in a few words. */
    String words();

    /**
     * Refuses a model that cannot be scored.
     *
     * @throws norma.datasets.base.InvalidInputException if it lacks the head, is too short or has another vocabulary
     */
    void requireFits(PretrainedModel bert);

    /** How the examples were read where that is not plain, a sentence each; nothing to worry about. */
    default List<String> notes() {
        return List.of();
    }

    /** What a model that fits does not say and is assumed of it, and what is doubtful, a sentence each. */
    default List<String> assumptions(PretrainedModel bert) {
        return List.of();
    }
}
