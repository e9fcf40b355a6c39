package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.stream.Stream;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TransformerShape;

/**
 * Word, position and token-type embeddings, summed, and normalised where a norm is named (Devlin et al. 2019, figure
 * 2).
 */
public final class SummedEmbeddings implements ResidualChain.Start {
    private static final int DROPOUT_SITE = 0;

    private final TransformerShape shape;
    private final Positions positions;
    private final Parameter words;
    private final Parameter places;
    private final Parameter types;
    private final Norm norm;

    /** Which row of the position table each token has. */
    public interface Positions {
        /** (B, S), or (S) where every sequence has the same. */
        NDArray of(DeviceBatch batch);
    }

    /**
     * The tables.
     *
     * @param words (V, E)
     * @param places (rows, E)
     * @param types (types, E)
     */
    public record Tables(Parameter words, Parameter places, Parameter types) {}

    /**
     * Given tables, and a fresh LayerNorm.
     *
     * @param shape of the embeddings: their width E, dropout and epsilon
     * @param norm what the names of the LayerNorm begin with
     */
    public SummedEmbeddings(
            NetworkParameters parameters, TransformerShape shape, Tables tables, String norm, Positions positions) {
        this(shape, tables, parameters.layerNorm(norm, shape.hiddenSize(), shape.layerNormEps()), positions);
    }

    private SummedEmbeddings(TransformerShape shape, Tables tables, Norm norm, Positions positions) {
        this.shape = shape;
        this.positions = positions;
        words = tables.words();
        places = tables.places();
        types = tables.types();
        this.norm = norm;
    }

    /**
     * Fresh tables, and their LayerNorm.
     *
     * @param words name of the table of the tokens, which is filled up to {@link EncoderConfig#vocabularyRows}
     * @param places name of the table of the positions
     * @param types name of the table of the token types
     * @param norm what the names of the LayerNorm begin with; null where the sum is not normalised
     */
    public SummedEmbeddings(
            NetworkParameters parameters,
            EncoderConfig config,
            String words,
            String places,
            String types,
            String norm,
            Positions positions) {
        this(
                config.shape(),
                fresh(parameters, config, words, places, types),
                norm == null ? null : parameters.norm(config.norm(), norm, config.hiddenSize(), config.layerNormEps()),
                positions);
    }

    private static Tables fresh(
            NetworkParameters parameters, EncoderConfig config, String words, String places, String types) {
        int h = config.hiddenSize();
        boolean positions = config.variant() == null || config.variant().hasPositionEmbeddings();
        return new Tables(
                parameters.paddedTable(words, config.vocabSize(), config.vocabularyRows(), h),
                parameters.table(places, positions, config.maxPositionEmbeddings(), h),
                parameters.matrix(types, HiddenAxes.SECOND, config.typeVocabSize(), h));
    }

    /** The table that the language-model head shares. */
    public Parameter words() {
        return words;
    }

    @Override
    public NDArray sum(ForwardPass pass, DeviceBatch batch) {
        return Operators.rows(batch.inputIds(), pass.value(words)) // (B, S, E)
                .add(Operators.rows(batch.tokenTypeIds(), pass.value(types))) // (B, S, E)
                .add(Operators.rows(positions.of(batch), pass.value(places))) // (B, S, E) or (S, E)
                .reshape(-1, shape.hiddenSize()); // (B*S, E)
    }

    @Override
    public List<String> parameterNames() {
        return List.of(words.getName(), places.getName(), types.getName());
    }

    /** The dropout of the embeddings, which stands after their LayerNorm where they have one: (B*S, H) to (B*S, H). */
    public NDArray dropped(ForwardPass pass, NDArray x) {
        return pass.kernels(shape).dropout(pass, x, DROPOUT_SITE);
    }

    /** The LayerNorm of the embeddings, with its dropout. */
    public ResidualChain.Link link() {
        return link(DROPOUT_SITE);
    }

    /** The same, with its dropout at another site. */
    public ResidualChain.Link link(int dropout) {
        return link(dropout, Kind.EMBEDDINGS, (pass, x) -> x, List.of());
    }

    /**
     * The same with what takes the embeddings to hidden states of other dimensions.
     *
     * @param dropout number of the dropout's site
     * @param to (B*S, E) to (B*S, H)
     * @param reads names of the parameters of that
     */
    public ResidualChain.Link link(int dropout, ResidualChain.Normed to, List<String> reads) {
        return link(dropout, Kind.PROJECTED_EMBEDDINGS, to, reads);
    }

    private ResidualChain.Link link(int dropout, Kind kind, ResidualChain.Normed to, List<String> reads) {
        return new ResidualChain.Link(
                null,
                List.of(),
                (pass, sum) -> to.apply(pass, pass.kernels(shape).dropout(pass, norm.apply(pass, sum), dropout)),
                Stream.concat(norm.parameterNames().stream(), reads.stream()).toList(),
                norm.site("embeddings", Stack.ENCODER, LayerNormSite.NO_LAYER, kind));
    }
}
