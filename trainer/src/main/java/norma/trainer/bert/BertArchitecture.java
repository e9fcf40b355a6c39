package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.MaskedLmWithNextSentence;
import norma.datasets.objectives.Objective;
import norma.datasets.tokenizer.SequenceFormat;
import norma.trainer.blocks.EncoderSize;
import norma.trainer.blocks.EncoderVariant;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.blocks.HeadedNetwork;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.NormPosition;
import norma.trainer.blocks.PooledHead;
import norma.trainer.blocks.Pooler;
import norma.trainer.blocks.ResidualChain;
import norma.trainer.blocks.SummedEmbeddings;
import norma.trainer.blocks.VocabularyHead;
import norma.trainer.device.DeviceBatch;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.Architecture;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.Stages;
import norma.trainer.model.TensorNames;
import norma.trainer.model.TensorNames.EmbeddingTable;
import norma.trainer.model.TensorNames.OtherHead;

/** BERT (Devlin et al. 2019) under the names of Hugging Face's BertForPreTraining and BertForSequenceClassification. */
public final class BertArchitecture implements Architecture {
    /** The table of the tokens. */
    public static final String WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight";

    /** The table of the positions. */
    public static final String POSITION_EMBEDDINGS = "bert.embeddings.position_embeddings.weight";

    /** The table of the token types. */
    public static final String TYPE_EMBEDDINGS = "bert.embeddings.token_type_embeddings.weight";

    private static final int NEXT_OR_NOT = 2;

    private static final TensorNames NAMES = new TensorNames(
            List.of(
                    EmbeddingTable.words(WORD_EMBEDDINGS),
                    EmbeddingTable.positions(POSITION_EMBEDDINGS),
                    EmbeddingTable.types(TYPE_EMBEDDINGS)),
            Map.of(
                    Head.POOLER, List.of("bert.pooler."),
                    Head.LANGUAGE_MODEL, List.of("cls.predictions."),
                    Head.NEXT_SENTENCE, List.of("cls.seq_relationship."),
                    Head.CLASSIFIER, List.of("classifier.")),
            Set.of(Head.NEXT_SENTENCE, Head.CLASSIFIER),
            List.of(
                    new OtherHead("token classifier", "BertForTokenClassification", List.of("classifier.")),
                    new OtherHead("multiple-choice head", "BertForMultipleChoice", List.of("classifier.")),
                    new OtherHead(
                            "question-answering head",
                            "BertForQuestionAnswering",
                            List.of("qa_outputs.", "cls.squad.")),
                    new OtherHead(
                            "classifier of sequences or of tokens", "", List.of("output_weights", "output_bias"))),
            "classifier.weight",
            Map.of(
                    "cls.predictions.decoder.weight",
                    WORD_EMBEDDINGS,
                    "cls.predictions.decoder.bias",
                    "cls.predictions.bias"),
            Set.of(".position_ids", "bert.embeddings.token_type_ids"),
            BertArchitecture::canonical);

    /** What the names of a layer's tensors begin with. */
    public static String layerPrefix(int layer) {
        return "bert.encoder.layer." + layer + ".";
    }

    @Override
    public String modelType() {
        return BertConfig.MODEL_TYPE;
    }

    @Override
    public boolean reads(String storedType) {
        return EncoderVariant.isStoredType(storedType, BertConfig.MODEL_TYPE);
    }

    @Override
    public Class<? extends ModelConfig> configClass() {
        return BertConfig.class;
    }

    @Override
    public BertConfig config(JsonNode json, String source) {
        return BertConfig.fromJson(json, source);
    }

    @Override
    public SequenceFormat sequences() {
        return SequenceFormat.BERT;
    }

    @Override
    public Set<Class<? extends Objective>> objectives() {
        return Set.of(MaskedLm.class, MaskedLmWithNextSentence.class);
    }

    @Override
    public Objective standardObjective(Set<Head> heads) {
        return MaskedLm.STANDARD;
    }

    @Override
    public PretrainingModel pretraining(ModelConfig config, Objective objective, long seed) {
        Parts parts = new Parts((BertConfig) config, seed);
        Network network = parts.withPretrainingHeads();
        return objective.nextSentence()
                ? new HeadLosses(network, List.of(HeadLosses.Task.MASKED_LM, HeadLosses.Task.NEXT_SENTENCE), Set.of())
                : new HeadLosses(network, List.of(HeadLosses.Task.MASKED_LM), parts.ofNextSentence());
    }

    @Override
    public Network network(ModelConfig config) {
        return new Parts((BertConfig) config, 0).withPretrainingHeads();
    }

    @Override
    public Network classifier(ModelConfig config, int outputs, long seed) {
        return new Parts((BertConfig) config, seed).withClassifier(outputs);
    }

    @Override
    public String huggingFaceClass(Set<Head> heads) {
        if (heads.contains(Head.CLASSIFIER)) {
            return "BertForSequenceClassification";
        }
        if (!heads.contains(Head.LANGUAGE_MODEL)) {
            return "BertModel";
        }
        return heads.contains(Head.NEXT_SENTENCE) ? "BertForPreTraining" : "BertForMaskedLM";
    }

    @Override
    public TensorNames names() {
        return NAMES;
    }

    /** Names of old files and of models without heads, as BertForPreTraining has them. */
    private static String canonical(String name) {
        String plain = name.replaceAll("LayerNorm\\.gamma$", "LayerNorm.weight")
                .replaceAll("LayerNorm\\.beta$", "LayerNorm.bias");
        return plain.startsWith("embeddings.") || plain.startsWith("encoder.") || plain.startsWith("pooler.")
                ? "bert." + plain
                : plain;
    }

    /** 0 … S-1 in every sequence: (S). */
    private static NDArray positions(DeviceBatch batch) {
        return batch.inputIds().getManager().arange(0, batch.length(), 1, DataType.INT64);
    }

    /** What lies below the heads. */
    private record Body(Stages stages, List<LayerNormSite> sites, List<List<Parameter>> stacks) {}

    /** Embeddings, layers and pooler, whose parameters come first in every file, and what may follow. */
    private static final class Parts {
        private final BertConfig config;
        private final NetworkParameters parameters;
        private final SummedEmbeddings embeddings;
        private final HeadedNetwork network;
        private final Pooler pooler;
        private PooledHead nextSentence;

        Parts(BertConfig config, long seed) {
            this.config = config;
            parameters = new NetworkParameters(config.initializerRange(), seed);
            boolean pre = config.normPosition() == NormPosition.PRE;
            embeddings = new SummedEmbeddings(
                    parameters,
                    config,
                    WORD_EMBEDDINGS,
                    POSITION_EMBEDDINGS,
                    TYPE_EMBEDDINGS,
                    pre ? null : "bert.embeddings.LayerNorm",
                    BertArchitecture::positions);
            Body body = pre ? preNorm() : postNorm();
            pooler = new Pooler(parameters, "bert.pooler.dense", config.hiddenSize());
            network = new HeadedNetwork(config, parameters, body.stages(), body.sites(), body.stacks())
                    .with(Head.POOLER, pooler);
        }

        private Body postNorm() {
            List<ResidualChain.Link> links = new ArrayList<>(List.of(embeddings.link()));
            List<List<Parameter>> stacks = new ArrayList<>();
            for (int i = 0; i < config.numHiddenLayers(); i++) {
                BertLayer layer = new BertLayer(parameters, config, i);
                links.addAll(layer.links());
                stacks.addAll(layer.stacks());
            }
            ResidualChain chain = new ResidualChain(embeddings, links);
            return new Body(chain, chain.sites(), stacks);
        }

        private Body preNorm() {
            PreNormStages stages = new PreNormStages(parameters, config, embeddings);
            return new Body(stages, stages.sites(), stages.stacks());
        }

        Network withPretrainingHeads() {
            VocabularyHead vocabulary = new VocabularyHead(
                    parameters,
                    config.shape(),
                    config,
                    embeddings.words(),
                    "cls.predictions.bias",
                    "cls.predictions.transform.dense",
                    "cls.predictions.transform.LayerNorm");
            nextSentence = new PooledHead(
                    parameters, pooler, config.shape(), "cls.seq_relationship", NEXT_OR_NOT, PooledHead.NO_DROPOUT);
            return network.with(Head.LANGUAGE_MODEL, vocabulary)
                    .withSite(vocabulary.site())
                    .with(Head.NEXT_SENTENCE, nextSentence);
        }

        Network withClassifier(int outputs) {
            int dropout = EncoderSize.firstDropout(config.numHiddenLayers());
            return network.with(
                            Head.CLASSIFIER,
                            new PooledHead(parameters, pooler, config.shape(), "classifier", outputs, dropout))
                    .withDropout(DropoutSite.ofVectors(config.hiddenSize(), config.hiddenDropoutProb()));
        }

        /** Parameters that the next-sentence head alone uses. */
        Set<Parameter> ofNextSentence() {
            Set<Parameter> own = new HashSet<>(pooler.parameters());
            own.addAll(nextSentence.parameters());
            return own;
        }
    }
}
