package norma.probes.attention;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.MaskedText;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.probes.dimensions.DimensionChoice;
import norma.trainer.figure.Figure;
import norma.trainer.figure.HeatMapChart;
import norma.trainer.figure.Panel;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardObserver;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * One head's attention on one text: a row a query, a column a key.
 *
 * @param queries tokens that attend: the text's, [CLS] first and [SEP] last, or what a decoder reads
 * @param keys tokens that they attend to
 * @param watched the head
 * @param names of the variants: the whole model, ablated, a random draw
 * @param maps of each variant, (queries, keys)
 * @param sumsToOne whether every row does; else the model's softmax is clipped
 */
public record AttentionMap(
        List<String> queries,
        List<String> keys,
        Head watched,
        List<String> names,
        List<double[][]> maps,
        boolean sumsToOne) {
    /** More tokens than this cannot be labelled legibly. */
    public static final int MOST_TOKENS = 48;

    private static final int TOKENS_SIDE_BY_SIDE = 7; // more need the width of the page

    /**
     * A head of a model, both numbers from 0.
     *
     * @param kind of its attention; null: the first that the model has
     */
    public record Head(AttentionKind kind, int layer, int head) {
        @Override
        public String toString() {
            return (kind == null ? "" : AttentionLayer.label(kind) + ":") + layer + "." + head;
        }
    }

    public AttentionMap {
        queries = List.copyOf(queries);
        keys = List.copyOf(keys);
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
        MaskedText encoded = MaskedText.of(
                tokenizer,
                bert.sequences(),
                text,
                Math.min(MOST_TOKENS, bert.config().longestSequence()));
        int[] ids = encoded.ids();
        Batch batch =
                new Batch(1, ids.length, ids, encoded.types(), new int[] {ids.length}, new int[0], new int[0], null);
        List<String> names = new ArrayList<>(List.of("Whole model"));
        List<double[][]> maps = new ArrayList<>();
        try (BatchState state = bert.advance(batch, 0)) {
            Head watched = found(bert, state, head);
            maps.add(map(bert, state, watched));
            if (!contrast.ablated().isEmpty()) {
                List<Integer> random = contrast.random().get(0);
                names.add("Without " + DimensionChoice.listed(contrast.ablated()));
                names.add("Without random " + DimensionChoice.listed(random));
                maps.add(AblationContrast.without(bert, contrast.ablated(), () -> map(bert, state, watched)));
                maps.add(AblationContrast.without(bert, random, () -> map(bert, state, watched)));
            }
            return new AttentionMap(
                    tokens(tokenizer, AttentionLayer.queries(watched.kind(), state.batch())),
                    tokens(tokenizer, AttentionLayer.keys(watched.kind(), state.batch())),
                    head,
                    names,
                    maps,
                    bert.config().attentionSumsToOne());
        }
    }

    private static List<String> tokens(Tokenizer tokenizer, Batch batch) {
        return Arrays.stream(batch.inputIds()).mapToObj(tokenizer::token).toList();
    }

    /** The head with its kind, if the model has it. */
    private static Head found(PretrainedModel bert, BatchState state, Head head) {
        Map<AttentionLayer, Integer> heads = new TreeMap<>();
        watch(bert, state, (layer, values) -> heads.put(layer, values.length / size(layer.kind(), state)));
        AttentionKind first = heads.keySet().iterator().next().kind();
        Head named = new Head(head.kind() == null ? first : head.kind(), head.layer(), head.head());
        if (named.head() >= heads.getOrDefault(new AttentionLayer(named.kind(), named.layer()), 0)) {
            List<String> ranges = new ArrayList<>();
            for (AttentionKind kind :
                    heads.keySet().stream().map(AttentionLayer::kind).distinct().toList()) {
                long layers = heads.keySet().stream()
                        .filter(one -> one.kind() == kind)
                        .count();
                int last = heads.get(new AttentionLayer(kind, 0)) - 1;
                String prefix = kind == first ? "" : AttentionLayer.label(kind) + ":";
                ranges.add(prefix + "0.0 to " + prefix + (layers - 1) + "." + last);
            }
            throw InvalidInputException.setting("head", head, "LAYER.HEAD, from " + String.join(", or from ", ranges));
        }
        return named;
    }

    private static int size(AttentionKind kind, BatchState state) {
        return AttentionLayer.queries(kind, state.batch()).length()
                * AttentionLayer.keys(kind, state.batch()).length();
    }

    private static double[][] map(PretrainedModel bert, BatchState state, Head watched) {
        int queries = AttentionLayer.queries(watched.kind(), state.batch()).length();
        int keys = AttentionLayer.keys(watched.kind(), state.batch()).length();
        double[][] map = new double[queries][keys];
        AttentionLayer wanted = new AttentionLayer(watched.kind(), watched.layer());
        watch(bert, state, (layer, values) -> { // (1, A, queries, keys)
            for (int query = 0; layer.equals(wanted) && query < queries; query++) {
                for (int key = 0; key < keys; key++) {
                    map[query][key] = values[(watched.head() * queries + query) * keys + key];
                }
            }
        });
        return map;
    }

    private static void watch(PretrainedModel bert, BatchState state, BiConsumer<AttentionLayer, float[]> watcher) {
        bert.lastHiddenState(state, new ForwardObserver() {
            @Override
            public boolean wantsAttentionProbs() {
                return true;
            }

            @Override
            public void attentionProbs(AttentionKind kind, int layer, float[] values) {
                watcher.accept(new AttentionLayer(kind, layer), values);
            }
        });
    }

    /** The maps, all on the scale from 0 to 1; those of short texts side by side. */
    public Figure figure() {
        List<Panel> panels = new ArrayList<>();
        for (int variant = 0; variant < maps.size(); variant++) {
            panels.add(HeatMapChart.of(
                    names.get(variant),
                    "key: attended to",
                    keys,
                    "query",
                    queries,
                    maps.get(variant),
                    "attention",
                    HeatMapChart.Scale.SEQUENTIAL,
                    0,
                    1));
        }
        return new Figure(
                title(),
                sumsToOne ? "Each row sums to 1" : "The softmax is clipped: rows need not sum to 1",
                panels,
                keys.size() <= TOKENS_SIDE_BY_SIDE ? panels.size() : 1);
    }

    private String title() {
        String of = "layer " + watched.layer() + ", head " + watched.head();
        return "Attention of " + (watched.kind() == null ? of : AttentionLayer.label(watched.kind()) + ", " + of);
    }
}
