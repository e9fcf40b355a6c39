package norma.trainer.blocks;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.ConstantInitializer;
import norma.trainer.bert.BertConfig;

/** A piece of BERT: a DJL block whose parameters carry their full Hugging Face names and know their shapes. */
public abstract class ModelBlock extends AbstractBlock {
    public final BertConfig config;
    private final long seed;
    private final String prefix;

    /**
     * A block without parameters yet.
     *
     * @param prefix put before every parameter's name, with its dot
     */
    public ModelBlock(BertConfig config, long seed, String prefix) {
        this.config = config;
        this.seed = seed;
        this.prefix = prefix;
    }

    /** A matrix or an embedding table, initialised from the truncated normal. */
    protected final Parameter matrix(String name, long rows, long columns) {
        String fullName = prefix + name;
        return addParameter(Parameter.builder()
                .setName(fullName)
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(rows, columns))
                .optInitializer(TruncatedNormal.of(config.initializerRange(), seed, fullName))
                .build());
    }

    /** The bias of a matrix product, initialised with 0. */
    protected final Parameter bias(String name, long size) {
        return constant(name, size, Parameter.Type.BIAS, 0);
    }

    /** A LayerNorm's scaling factor, initialised with 1. */
    protected final Parameter layerNormWeight(String name) {
        return constant(name, config.hiddenSize(), Parameter.Type.GAMMA, 1);
    }

    /** A LayerNorm's shift, initialised with 0. */
    protected final Parameter layerNormBias(String name) {
        return constant(name, config.hiddenSize(), Parameter.Type.BETA, 0);
    }

    private Parameter constant(String name, long size, Parameter.Type type, float value) {
        return addParameter(Parameter.builder()
                .setName(prefix + name)
                .setType(type)
                .optShape(new Shape(size))
                .optInitializer(new ConstantInitializer(value))
                .build());
    }
}
