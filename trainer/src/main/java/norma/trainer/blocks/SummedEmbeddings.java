package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
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
     * Fresh tables, and their LayerNorm.
     *
     * @param words name of the table of the tokens
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
        shape = config.shape();
        this.positions = positions;
        int h = config.hiddenSize();
        this.words = parameters.matrix(words, HiddenAxes.SECOND, config.vocabSize(), h);
        this.places = parameters.table(
                places,
                config.variant() == null || config.variant().hasPositionEmbeddings(),
                config.maxPositionEmbeddings(),
                h);
        this.types = parameters.matrix(types, HiddenAxes.SECOND, config.typeVocabSize(), h);
        this.norm = norm == null ? null : parameters.norm(config.norm(), norm, h, config.layerNormEps());
    }

    /** The table that the language-model head shares. */
    public Parameter words() {
        return words;
    }

    @Override
    public NDArray sum(ForwardPass pass, DeviceBatch batch) {
        return Operators.rows(batch.inputIds(), pass.value(words)) // (B, S, H)
                .add(Operators.rows(batch.tokenTypeIds(), pass.value(types))) // (B, S, H)
                .add(Operators.rows(positions.of(batch), pass.value(places))) // (B, S, H) or (S, H)
                .reshape(-1, shape.hiddenSize()); // (B*S, H)
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
        return new ResidualChain.Link(
                null,
                List.of(),
                (pass, sum) -> dropped(pass, norm.apply(pass, sum)),
                norm.parameterNames(),
                norm.site("embeddings", Stack.ENCODER, LayerNormSite.NO_LAYER, Kind.EMBEDDINGS));
    }
}
