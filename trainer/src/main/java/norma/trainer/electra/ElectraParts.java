package norma.trainer.electra;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.blocks.FirstTokenClassifier;
import norma.trainer.blocks.HeadedNetwork;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Operators;
import norma.trainer.blocks.ResidualChain;
import norma.trainer.blocks.SummedEmbeddings;
import norma.trainer.blocks.VocabularyHead;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.Head;
import norma.trainer.model.Network;

/** Embeddings, projection and layers of one network, whose parameters come first in every file, and its heads. */
final class ElectraParts {
    /** The table of the tokens. */
    static final String WORD_EMBEDDINGS = "electra.embeddings.word_embeddings.weight";

    /** The table of the positions. */
    static final String POSITION_EMBEDDINGS = "electra.embeddings.position_embeddings.weight";

    /** The table of the token types. */
    static final String TYPE_EMBEDDINGS = "electra.embeddings.token_type_embeddings.weight";

    private static final String PROJECTION = "electra.embeddings_project";

    private final ElectraConfig config;
    private final NetworkParameters parameters;
    private final SummedEmbeddings.Tables tables;
    private final HeadedNetwork network;

    private ElectraParts(
            ElectraConfig config, NetworkParameters parameters, SummedEmbeddings.Tables tables, int firstDropout) {
        this.config = config;
        this.parameters = parameters;
        this.tables = tables;
        SummedEmbeddings embeddings = new SummedEmbeddings(
                parameters, config.embeddingShape(), tables, "electra.embeddings.LayerNorm", ElectraParts::positions);
        List<ResidualChain.Link> links = new ArrayList<>(List.of(link(embeddings, firstDropout)));
        List<List<Parameter>> stacks = new ArrayList<>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            ElectraLayer layer = new ElectraLayer(parameters, config, i, firstDropout);
            links.addAll(layer.links());
            stacks.addAll(layer.stacks());
        }
        ResidualChain chain = new ResidualChain(embeddings, links);
        network = new HeadedNetwork(config, parameters, chain, chain.sites(), stacks);
    }

    /** With tables of its own. */
    static ElectraParts of(ElectraConfig config, long seed) {
        NetworkParameters parameters = new NetworkParameters(config.initializerRange(), seed);
        int e = config.embeddingSize();
        SummedEmbeddings.Tables tables = new SummedEmbeddings.Tables(
                parameters.matrix(WORD_EMBEDDINGS, config.vocabSize(), e),
                parameters.matrix(POSITION_EMBEDDINGS, config.maxPositionEmbeddings(), e),
                parameters.matrix(TYPE_EMBEDDINGS, config.typeVocabSize(), e));
        return new ElectraParts(config, parameters, tables, 0);
    }

    /** Another network with the tables of this one, whose dropout sites come after this one's. */
    ElectraParts beside(ElectraConfig other, long seed) {
        NetworkParameters own = new NetworkParameters(other.initializerRange(), seed);
        own.shared(tables.words());
        own.shared(tables.places());
        own.shared(tables.types());
        return new ElectraParts(other, own, tables, config.dropoutSites(1, 1).size());
    }

    private ResidualChain.Link link(SummedEmbeddings embeddings, int dropout) {
        if (!config.projects()) {
            return embeddings.link(dropout);
        }
        Parameter weight = parameters.matrix(PROJECTION + ".weight", config.hiddenSize(), config.embeddingSize());
        Parameter bias = parameters.bias(PROJECTION + ".bias", config.hiddenSize());
        return embeddings.link(
                dropout,
                (pass, x) -> Operators.linear(x, pass.value(weight), pass.value(bias)),
                List.of(weight.getName(), bias.getName()));
    }

    /** 0 … S-1 in every sequence: (S). */
    private static NDArray positions(DeviceBatch batch) {
        return batch.inputIds().getManager().arange(0, batch.length(), 1, DataType.INT64);
    }

    /** Adds the generator's head. */
    ElectraParts withVocabularyHead() {
        VocabularyHead head = new VocabularyHead(
                parameters,
                config.headShape(),
                config,
                tables.words(),
                "generator_lm_head.bias",
                "generator_predictions.dense",
                "generator_predictions.LayerNorm");
        network.with(Head.LANGUAGE_MODEL, head).withSite(head.site());
        return this;
    }

    /** Adds the discriminator's head. */
    ElectraParts withReplacedTokenHead() {
        network.with(Head.REPLACED_TOKENS, new ReplacedTokenHead(parameters, config));
        return this;
    }

    /** Adds a classifier. */
    ElectraParts withClassifier(int outputs) {
        FirstTokenClassifier classifier = new FirstTokenClassifier(parameters, config, outputs, Activation::gelu);
        classifier.dropoutSites().forEach(network::withDropout);
        network.with(Head.CLASSIFIER, classifier);
        return this;
    }

    /** What has been put together. */
    Network network() {
        return network;
    }
}
