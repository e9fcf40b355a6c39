package norma.trainer.pretrained;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import norma.datasets.batches.Batch;
import norma.trainer.bert.BertConfig;
import norma.trainer.bert.BertEncoder;
import norma.trainer.bert.BertForPreTraining;
import norma.trainer.bert.BertForSequenceClassification;
import norma.trainer.bert.BertHead;
import norma.trainer.bert.BertModel;
import norma.trainer.blocks.CrossEntropy;
import norma.trainer.blocks.Operators;
import norma.trainer.device.BatchArrays;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Upload;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.step.FlatParameters;
import norma.trainer.step.StoredPass;

/**
 * A BERT from a checkpoint folder, for reading: forward passes that can begin at any LayerNorm site, and weights that
 * can be edited in memory. No gradients, no dropout. The folder is never written. One thread uses it.
 */
public final class PretrainedModel implements AutoCloseable {
    private final Path folder;
    private final BertConfig config;
    private final NDManager manager;
    private final BertModel model;
    private final FlatParameters parameters;
    private final Set<BertHead> heads;
    private final List<String> labels;
    private final List<NDArray> views = new ArrayList<>();
    private final CrossEntropy crossEntropy;
    private final Upload upload;

    PretrainedModel(Path folder, NDManager manager, PretrainedFolder.Contents contents) {
        this.folder = folder;
        this.manager = manager;
        config = contents.config();
        model = contents.model();
        parameters = contents.parameters();
        heads = contents.heads();
        labels = contents.labels();
        parameters.leaves().forEach(leaf -> views.add(parameters.view(parameters.values(), leaf)));
        crossEntropy = new CrossEntropy(manager, new DeviceReads());
        upload = Upload.to(manager);
    }

    /**
     * Opens a checkpoint folder: {@code config.json} and {@code model.safetensors} in Hugging Face's layout. Heads may
     * be missing; see {@link #heads}.
     *
     * @param device where to compute
     * @throws norma.datasets.base.InvalidInputException if a file is missing or damaged, a tensor is missing, has
     *     another shape or is not one of BERT's; the message names file and tensor
     */
    public static PretrainedModel open(Path folder, Device device) {
        return PretrainedFolder.open(folder, device);
    }

    /** Where it was read from. */
    public Path folder() {
        return folder;
    }

    /** The model's shape. */
    public BertConfig config() {
        return config;
    }

    /** The heads whose weights the folder holds. */
    public Set<BertHead> heads() {
        return heads;
    }

    /**
     * Names of the classifier's outputs, in their order, as {@code config.json} has them in {@code id2label}, by
     * Hugging Face's default LABEL_0 and so on; empty without a classifier.
     */
    public List<String> labels() {
        return labels;
    }

    /** The LayerNorm sites in the order of the forward pass; {@code head} only with the masked-LM head. */
    public List<LayerNormSite> layerNormSites() {
        return heads.contains(BertHead.MASKED_LM)
                ? model.layerNormSites()
                : model.encoder().layerNormSites();
    }

    /** Every site's weight and bias now, a copy: (sites, 2, H), weight before bias, as a recording's snapshot. */
    public float[] layerNorms() {
        return java.util.Arrays.copyOf(parameters.layerNorms(), layerNormSites().size() * 2 * config.hiddenSize());
    }

    /**
     * A parameter's values now, a copy, row-major.
     *
     * @param name Hugging Face's
     * @throws IllegalArgumentException if there is none of that name
     */
    public float[] parameter(String name) {
        requireParameter(name);
        return parameters.read(name).values();
    }

    /**
     * Replaces a parameter's values in memory; NaN payloads and signed zeros are kept bit for bit.
     *
     * @param name Hugging Face's
     * @param values as many as it has, row-major
     * @throws IllegalArgumentException if there is none of that name or the length differs
     */
    public void setParameter(String name, float[] values) {
        requireParameter(name);
        if (values.length != parameters.shape(name).size()) {
            throw new IllegalArgumentException(
                    name + ": " + values.length + " values, expected " + parameters.shape(name));
        }
        parameters.write(name, values);
    }

    private void requireParameter(String name) {
        if (parameters.shape(name) == null) {
            throw new IllegalArgumentException(name + " is not a parameter of " + folder);
        }
    }

    /**
     * Takes a batch up to a LayerNorm site of the encoder.
     *
     * @param site index into {@link #layerNormSites}, not the masked-LM head's
     */
    public BatchState advance(Batch batch, int site) {
        JniUtils.setGradMode(false);
        NDManager owner = manager.newSubManager();
        try {
            NDArray mask = BatchArrays.attentionMask(upload, owner, batch); // (B, S)
            NDArray bias = BertEncoder.additive(mask); // (B, 1, 1, S)
            NDArray sum;
            try (NDManager scope = owner.newSubManager()) {
                sum = model.encoder()
                        .firstSum(
                                pass(),
                                BatchArrays.inputIds(upload, scope, batch),
                                BatchArrays.tokenTypeIds(upload, scope, batch)); // (B*S, H)
                sum.attach(owner);
            }
            BatchState first = new BatchState(owner, batch, 0, sum, bias);
            if (site == 0) {
                return first;
            }
            return new BatchState(owner, batch, site, sumAt(first, site, ForwardObserver.NONE, owner), bias);
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
    }

    /**
     * Scores the masked positions of a batch from a state on.
     *
     * @throws IllegalStateException without the masked-LM head
     */
    public MaskedLmScore score(BatchState state) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray logits = maskedLogits(state, scope); // (M, V)
            if (logits == null) {
                return MaskedLmScore.NONE;
            }
            NDArray labels = BatchArrays.predictedLabels(upload, scope, state.batch()); // (M)
            CrossEntropy.Score score = crossEntropy.score(logits, labels);
            return new MaskedLmScore(
                    score.loss(), score.correct(), state.batch().predictedPositions().length);
        }
    }

    /**
     * Logits at the batch's masked positions, from a state on: (M, V), row-major.
     *
     * @throws IllegalStateException without the masked-LM head
     */
    public float[] maskedLogits(BatchState state) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray logits = maskedLogits(state, scope); // (M, V)
            return logits == null ? new float[0] : logits.toFloatArray();
        }
    }

    /**
     * The classifier's logits, from a state on: (B, labels), row-major.
     *
     * @throws IllegalStateException if this model has no classifier
     */
    public float[] classLogits(BatchState state) {
        require(BertHead.CLASSIFIER);
        try (NDManager scope = manager.newSubManager()) {
            NDArray hidden = lastHiddenState(state, ForwardObserver.NONE, scope); // (B*S, H)
            return ((BertForSequenceClassification) model)
                    .classify(pass(), hidden, state.batch().rows())
                    .toFloatArray();
        }
    }

    /**
     * The last hidden state, from a state on: (B*S, H), row-major. The observer sees what is computed, so from a state
     * at site 0 every hidden state and every attention.
     */
    public float[] lastHiddenState(BatchState state, ForwardObserver observer) {
        try (NDManager scope = manager.newSubManager()) {
            return lastHiddenState(state, observer, scope).toFloatArray();
        }
    }

    private NDArray maskedLogits(BatchState state, NDManager scope) {
        require(BertHead.MASKED_LM);
        if (state.batch().predictedPositions().length == 0) {
            return null;
        }
        NDArray hidden = lastHiddenState(state, ForwardObserver.NONE, scope); // (B*S, H)
        NDArray positions = BatchArrays.predictedPositions(upload, scope, state.batch()); // (M)
        return ((BertForPreTraining) model).predict(pass(), Operators.rows(positions, hidden)); // (M, V)
    }

    private NDArray lastHiddenState(BatchState state, ForwardObserver observer, NDManager owner) {
        int last = model.encoder().layerNormSites().size() - 1;
        NDArray sum = sumAt(state, last, observer, owner); // (B*S, H)
        NDArray hidden = model.encoder().norm(pass(), last, sum); // (B*S, H)
        observed(observer, last, hidden);
        return hidden;
    }

    /** From a state's site to the sum of a later one, which the owner keeps; what lies between is freed on the way. */
    private NDArray sumAt(BatchState state, int site, ForwardObserver observer, NDManager owner) {
        JniUtils.setGradMode(false);
        NDArray sum = state.sum().stopGradient(); // a handle of its own on the same memory
        sum.attach(owner);
        for (int at = state.site(); at < site; at++) {
            try (NDManager scope = owner.newSubManager()) {
                sum.attach(scope);
                NDArray normed = model.encoder().norm(pass(), at, sum); // (B*S, H)
                observed(observer, at, normed);
                ForwardPass pass = watched(observer, at + 1);
                sum = model.encoder()
                        .sum(
                                pass,
                                at + 1,
                                normed,
                                state.attentionBias(),
                                state.batch().rows()); // (B*S, H)
                sum.attach(owner);
            }
        }
        return sum;
    }

    private static void observed(ForwardObserver observer, int site, NDArray normed) {
        if (BertEncoder.isOutput(site) && observer.wantsHiddenStates()) {
            observer.hiddenState(site / 2, normed.toFloatArray());
        }
    }

    private ForwardPass pass() {
        return new StoredPass(parameters, views);
    }

    private ForwardPass watched(ForwardObserver observer, int site) {
        if (BertEncoder.isOutput(site) || !observer.wantsAttentionProbs()) {
            return pass();
        }
        ForwardPass stored = pass();
        return new ForwardPass() {
            @Override
            public NDArray value(Parameter parameter) {
                return stored.value(parameter);
            }

            @Override
            public NDArray stacked(Parameter... stack) {
                return stored.stacked(stack);
            }

            @Override
            public void attentionProbs(NDArray probs) {
                observer.attentionProbs((site - 1) / 2, probs.toFloatArray());
            }
        };
    }

    private void require(BertHead head) {
        if (!heads.contains(head)) {
            throw new IllegalStateException(folder + " has no " + head.words());
        }
    }

    @Override
    public void close() {
        crossEntropy.close();
        upload.close();
        manager.close();
    }
}
