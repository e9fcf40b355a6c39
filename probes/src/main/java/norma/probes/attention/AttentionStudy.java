package norma.probes.attention;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.trainer.model.AttentionKind;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Attention of a model whole, ablated, and with as many random dimensions ablated.
 *
 * @param contrast what was switched off
 * @param sumsToOne whether a query's probabilities do; else the model's softmax is clipped
 * @param uniform what attention would be like if it were spread evenly, of each kind that the model has
 * @param full of the whole model
 * @param ablated without the chosen dimensions; null where none are
 * @param random one for each random draw
 */
public record AttentionStudy(
        AblationContrast contrast,
        boolean sumsToOne,
        Map<AttentionKind, HeadStatistics> uniform,
        AttentionStatistics full,
        AttentionStatistics ablated,
        List<AttentionStatistics> random) {
    public AttentionStudy {
        uniform = Collections.unmodifiableMap(new EnumMap<>(uniform));
        random = List.copyOf(random);
    }

    /** Measures. */
    public static AttentionStudy of(
            PretrainedModel bert,
            Tokenizer tokenizer,
            List<Batch> batches,
            AblationContrast contrast,
            Progress progress) {
        TokenKind[] kinds =
                TokenKind.of(tokenizer, bert.sequences(), bert.config().vocabSize());
        List<List<Integer>> variants = new ArrayList<>(List.of(List.of()));
        if (!contrast.ablated().isEmpty()) {
            variants.add(contrast.ablated());
            variants.addAll(contrast.random());
        }
        List<AttentionStatistics> measured = new ArrayList<>();
        for (List<Integer> off : variants) {
            progress.update("attention", measured.size(), variants.size(), "variants");
            measured.add(AblationContrast.without(bert, off, () -> AttentionStatistics.measure(bert, batches, kinds)));
        }
        progress.update("attention", measured.size(), variants.size(), "variants");
        Map<AttentionKind, HeadStatistics> uniform = new EnumMap<>(AttentionKind.class);
        measured.get(0).kinds().forEach(kind -> uniform.put(kind, AttentionStatistics.uniform(batches, kinds, kind)));
        return new AttentionStudy(
                contrast,
                bert.config().attentionSumsToOne(),
                uniform,
                measured.get(0),
                measured.size() > 1 ? measured.get(1) : null,
                measured.subList(Math.min(2, measured.size()), measured.size()));
    }

    /** Whether the model has several kinds of attention, so that a layer's number does not say which is meant. */
    public boolean severalKinds() {
        return uniform.size() > 1;
    }

    /** The mean over the random draws, head by head; null where there are none. */
    public AttentionStatistics randomMean() {
        return random.isEmpty() ? null : AttentionStatistics.mean(random);
    }
}
