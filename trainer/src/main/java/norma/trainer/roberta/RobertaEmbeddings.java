package norma.trainer.roberta;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.datasets.batches.Batch;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.blocks.Operators;
import norma.trainer.blocks.ResidualChain;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TransformerShape;

/** Word, position and token-type embeddings, summed and normalised; positions follow the padding token's id. */
final class RobertaEmbeddings implements ResidualChain.Start {
    private static final int DROPOUT_SITE = 0;

    private final TransformerShape shape;
    private final int padId;
    private final Parameter words;
    private final Parameter places;
    private final Parameter types;
    private final Norm norm;

    RobertaEmbeddings(NetworkParameters parameters, RobertaConfig config) {
        shape = config.shape();
        padId = config.padTokenId();
        int h = config.hiddenSize();
        words = parameters.matrix(RobertaArchitecture.WORD_EMBEDDINGS, config.vocabSize(), h);
        places = parameters.matrix(RobertaArchitecture.POSITION_EMBEDDINGS, config.maxPositionEmbeddings(), h);
        types = parameters.matrix(RobertaArchitecture.TYPE_EMBEDDINGS, config.typeVocabSize(), h);
        norm = parameters.layerNorm("roberta.embeddings.LayerNorm", h, config.layerNormEps());
    }

    /** The table that the language-model head shares. */
    Parameter words() {
        return words;
    }

    @Override
    public NDArray sum(ForwardPass pass, DeviceBatch batch) {
        NDArray positions = batch.positions(positions(batch.host(), padId)); // (B, S)
        return Operators.rows(batch.inputIds(), pass.value(words)) // (B, S, H)
                .add(Operators.rows(batch.tokenTypeIds(), pass.value(types))) // (B, S, H)
                .add(Operators.rows(positions, pass.value(places))) // (B, S, H)
                .reshape(-1, shape.hiddenSize()); // (B*S, H)
    }

    /**
     * The padding token has the position of its id, every other token one more than the token before it in its row, as
     * fairseq's {@code make_positions}: (B*S).
     */
    static int[] positions(Batch batch, int padId) {
        int[] positions = new int[batch.inputIds().length];
        for (int i = 0, next = padId + 1; i < positions.length; i++) {
            next = i % batch.length() == 0 ? padId + 1 : next;
            positions[i] = batch.inputIds()[i] == padId ? padId : next++;
        }
        return positions;
    }

    @Override
    public List<String> parameterNames() {
        return List.of(words.getName(), places.getName(), types.getName());
    }

    /** The LayerNorm of the embeddings, with its dropout. */
    ResidualChain.Link link() {
        return new ResidualChain.Link(
                null,
                List.of(),
                (pass, sum) -> pass.kernels(shape).dropout(pass, norm.apply(pass, sum), DROPOUT_SITE),
                norm.site("embeddings", Stack.ENCODER, LayerNormSite.NO_LAYER, Kind.EMBEDDINGS));
    }
}
