package norma.probes.attention;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.MaskedText;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureGrid;
import norma.trainer.figure.HeatMapChart;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardObserver;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * One head's attention on one text: a row a query, a column a key.
 *
 * @param tokens the text's, [CLS] first and [SEP] last
 * @param layer from 0
 * @param head from 0
 * @param names of the variants: the whole model, ablated, a random draw
 * @param maps of each variant, (S, S)
 * @param sumsToOne whether every row does; else the model's softmax is clipped
 */
public record AttentionMap(
        List<String> tokens, int layer, int head, List<String> names, List<double[][]> maps, boolean sumsToOne) {
    /** More tokens than this cannot be labelled legibly. */
    public static final int MOST_TOKENS = 48;

    private static final int WIDTH = 760;

    /** A head of a model, both numbers from 0. */
    public record Head(int layer, int head) {
        @Override
        public String toString() {
            return layer + "." + head;
        }
    }

    public AttentionMap {
        tokens = List.copyOf(tokens);
        names = List.copyOf(names);
        maps = List.copyOf(maps);
    }

    /**
     * Watches a head.
     *
     * @throws InvalidInputException if the model has no such head, or the text is empty or longer than
     *     {@link #MOST_TOKENS} tokens
     */
    public static AttentionMap of(
            PretrainedModel bert, Tokenizer tokenizer, AblationContrast contrast, String text, Head head) {
        int layers = bert.config().numHiddenLayers();
        int heads = bert.config().numAttentionHeads();
        int layer = head.layer();
        int index = head.head();
        if (layer >= layers || index >= heads) {
            throw InvalidInputException.setting(
                    "head", head, "LAYER.HEAD, from 0.0 to " + (layers - 1) + "." + (heads - 1));
        }
        MaskedText encoded = MaskedText.of(
                tokenizer,
                bert.sequences(),
                text,
                Math.min(MOST_TOKENS, bert.config().longestSequence()));
        int[] ids = encoded.ids();
        Batch batch =
                new Batch(1, ids.length, ids, encoded.types(), new int[] {ids.length}, new int[0], new int[0], null);
        List<String> names = new ArrayList<>(List.of("Full model"));
        List<double[][]> maps = new ArrayList<>();
        try (BatchState state = bert.advance(batch, 0)) {
            maps.add(map(bert, state, layer, index));
            if (!contrast.ablated().isEmpty()) {
                List<Integer> random = contrast.random().get(0);
                names.add("Without " + contrast.ablated());
                names.add("Without random " + random);
                maps.add(AblationContrast.without(bert, contrast.ablated(), () -> map(bert, state, layer, index)));
                maps.add(AblationContrast.without(bert, random, () -> map(bert, state, layer, index)));
            }
        }
        return new AttentionMap(
                Arrays.stream(ids).mapToObj(tokenizer::token).toList(),
                layer,
                index,
                names,
                maps,
                bert.config().attentionSumsToOne());
    }

    private static double[][] map(PretrainedModel bert, BatchState state, int layer, int head) {
        int s = state.batch().length();
        double[][] map = new double[s][s];
        bert.lastHiddenState(state, new ForwardObserver() {
            @Override
            public boolean wantsAttentionProbs() {
                return true;
            }

            @Override
            public void attentionProbs(AttentionKind kind, int at, float[] values) { // (1, A, S, S)
                if (at == layer) {
                    for (int query = 0; query < s; query++) {
                        for (int key = 0; key < s; key++) {
                            map[query][key] = values[(head * s + query) * s + key];
                        }
                    }
                }
            }
        });
        return map;
    }

    /** The maps side by side, all on the scale from 0 to 1. */
    public Figure figure() {
        List<Figure> panels = new ArrayList<>();
        for (int variant = 0; variant < maps.size(); variant++) {
            panels.add(HeatMapChart.of(
                    names.get(variant),
                    "",
                    "key: attended to",
                    tokens,
                    "query",
                    tokens,
                    maps.get(variant),
                    "attention",
                    HeatMapChart.Scale.SEQUENTIAL,
                    0,
                    1,
                    WIDTH));
        }
        return FigureGrid.of(
                "Attention of layer " + layer + ", head " + head,
                sumsToOne ? "Each row sums to 1" : "The softmax is clipped: rows need not sum to 1",
                panels,
                panels.size());
    }
}
