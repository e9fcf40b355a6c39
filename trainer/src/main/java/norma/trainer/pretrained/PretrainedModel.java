package norma.trainer.pretrained;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import norma.datasets.base.PublicApi;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.Objective;
import norma.datasets.tokenizer.SequenceFormat;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.CrossEntropy;
import norma.trainer.blocks.KernelSet;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Upload;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Head;
import norma.trainer.model.InputTables;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Losses;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.StageState;
import norma.trainer.model.Stages;
import norma.trainer.model.TensorNames;
import norma.trainer.step.FlatParameters;
import norma.trainer.step.SiteSnapshot;
import norma.trainer.step.StoredPass;

/**
 * A model from a checkpoint folder, for reading: forward passes that can begin at any stage, and weights that can be
 * edited in memory. No gradients, no dropout. The folder is never written. One thread uses it.
 */
public final class PretrainedModel implements AutoCloseable {
    private final Path folder;
    private final ModelConfig config;
    private final NDManager manager;
    private final Network network;
    private final FlatParameters parameters;
    private final Set<Head> heads;
    private final List<String> labels;
    private final List<String> leftOut;
    private final SiteSnapshot snapshot;
    private final List<NDArray> views = new ArrayList<>();
    private final KernelSet kernels;
    private final KernelSet showing;
    private final CrossEntropy crossEntropy;
    private final Upload upload;

    /**
     * A model that was read.
     *
     * @param choice what it computes with where nobody asks for attention probabilities
     */
    PretrainedModel(Path folder, NDManager manager, PretrainedFolder.Contents contents, KernelSet.Choice choice) {
        this.folder = folder;
        this.manager = manager;
        config = contents.config();
        network = contents.network();
        parameters = contents.parameters();
        heads = contents.heads();
        labels = contents.labels();
        leftOut = contents.leftOut();
        parameters.leaves().forEach(leaf -> views.add(parameters.view(parameters.values(), leaf)));
        kernels = KernelSet.withoutDropout(manager, choice);
        showing = new KernelSet(manager, KernelSet.Choice.OPERATORS); // functions show no probabilities
        snapshot = new SiteSnapshot(layerNormSites(), parameters);
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
    @PublicApi
    public static PretrainedModel open(Path folder, Device device) {
        return PretrainedFolder.open(folder, device);
    }

    /** Where it was read from. */
    @PublicApi
    public Path folder() {
        return folder;
    }

    /** Where it computes. */
    public Device device() {
        return manager.getDevice();
    }

    /** The model's shape. */
    public ModelConfig config() {
        return config;
    }

    /** What it looks its inputs up in: everything that is put to it has to pass. */
    public InputTables tables() {
        return new InputTables(folder.toString(), config);
    }

    /** How texts are framed for it. */
    public SequenceFormat sequences() {
        return Architectures.of(config).sequences();
    }

    /** What it is measured by where no run says so. */
    public Objective objective() {
        return Architectures.of(config).standardObjective(heads);
    }

    /** What its tensors are called. */
    public TensorNames names() {
        return Architectures.of(config).names();
    }

    /** The heads whose weights the folder holds. */
    public Set<Head> heads() {
        return heads;
    }

    /**
     * Names of the classifier's outputs, in their order, as {@code config.json} has them in {@code id2label}, by
     * Hugging Face's default LABEL_0 and so on; empty without a classifier.
     */
    public List<String> labels() {
        return labels;
    }

    /** Heads that the folder holds and that were not read, a sentence each. */
    public List<String> leftOut() {
        return leftOut;
    }

    /** The sites in the order of the forward pass; those inside a head only where the folder holds that head. */
    @PublicApi
    public List<LayerNormSite> layerNormSites() {
        return network.layerNormSites().stream()
                .filter(site -> site.kind() != LayerNormSite.Kind.HEAD || heads.contains(Head.LANGUAGE_MODEL))
                .toList();
    }

    /** Every site's weight and bias now, a copy: (sites, 2, H), weight before bias, as a recording's snapshot. */
    @PublicApi
    public float[] layerNorms() {
        try (NDArray copy = snapshot.copy()) {
            return snapshot.expand(DeviceReads.copy(copy));
        }
    }

    /**
     * A parameter's values now, a copy, row-major.
     *
     * @param name Hugging Face's
     * @throws IllegalArgumentException if there is none of that name
     */
    @PublicApi
    public float[] parameter(String name) {
        requireParameter(name);
        return parameters.read(name).values();
    }

    /** Whether this model has a parameter of that name, outside a classifier. */
    public boolean hasBelowClassifier(String name) {
        Optional<Head> head = Architectures.of(config).names().headOf(name);
        return head.isEmpty()
                ? parameters.shape(name) != null
                : head.get() != Head.CLASSIFIER && heads.contains(head.get());
    }

    /**
     * A parameter's shape.
     *
     * @param name Hugging Face's
     * @throws IllegalArgumentException if there is none of that name
     */
    @PublicApi
    public long[] shape(String name) {
        requireParameter(name);
        return parameters.shape(name).getShape().clone();
    }

    /**
     * Replaces a parameter's values in memory; NaN payloads and signed zeros are kept bit for bit.
     *
     * @param name Hugging Face's
     * @param values as many as it has, row-major
     * @throws IllegalArgumentException if there is none of that name or the length differs
     */
    @PublicApi
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
     * The first stage that reads one of some parameters, the last one at most: what lies before it they do not change.
     */
    public int firstStage(Collection<String> parameterNames) {
        int first = network.stages().count() - 1;
        for (String name : parameterNames) {
            first = Math.min(first, network.stages().firstReading(name));
        }
        return Math.max(0, first);
    }

    /**
     * Takes a batch up to a stage.
     *
     * @param stage at least 0 and below the number of stages, see {@link #firstStage}
     * @throws norma.datasets.base.InvalidInputException if this model has no row for something in the batch
     */
    public BatchState advance(Batch batch, int stage) {
        tables().require("input", batch);
        JniUtils.setGradMode(false);
        NDManager owner = manager.newSubManager();
        try {
            StageState state;
            try (NDManager scope = owner.newSubManager()) { // what begin takes is not needed later
                StageState begun = network.stages().begin(pass(), new DeviceBatch(upload, scope, batch));
                begun.streams().attach(owner);
                state = new StageState(
                        begun.streams(),
                        new DeviceBatch(upload, owner, begun.batch().host()));
            }
            return new BatchState(owner, stage, run(state, 0, stage, ForwardObserver.NONE, owner));
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
    }

    /**
     * Scores the predicted positions of a batch from a state on.
     *
     * @throws IllegalStateException without a head that says something of every token
     */
    public LanguageModelScore score(BatchState state) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray logits = predictedLogits(state, scope); // (M, V)
            if (logits == null) {
                return LanguageModelScore.NONE;
            }
            Losses.Score score =
                    crossEntropy.score(logits, state.state().batch().predictedLabels());
            return new LanguageModelScore(
                    score.loss(), score.correct(), state.batch().predictedPositions().length);
        }
    }

    /**
     * Logits at the batch's predicted positions, from a state on: (M, V), row-major; of a model that tells replaced
     * tokens from original ones (M, 1).
     *
     * @throws IllegalStateException without a head that says something of every token
     */
    public float[] predictedLogits(BatchState state) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray logits = predictedLogits(state, scope); // (M, V)
            return logits == null ? new float[0] : DeviceReads.copy(logits);
        }
    }

    /**
     * Tokens drawn from what is predicted at the batch's predicted positions, from a state on: (M).
     *
     * @param shares (M), in [0, 1), see {@link CrossEntropy#draws}
     * @throws IllegalStateException without a language-model head
     */
    public int[] draws(BatchState state, float[] shares) {
        require(Head.LANGUAGE_MODEL);
        try (NDManager scope = manager.newSubManager()) {
            NDArray logits = predictedLogits(state, scope); // (M, V)
            if (logits == null) {
                return new int[0];
            }
            NDArray tokens = crossEntropy.draws(
                    crossEntropy.probabilities(logits), upload.floats(scope, shares, new Shape(shares.length)));
            return Arrays.stream(DeviceReads.longs(tokens))
                    .mapToInt(Math::toIntExact)
                    .toArray();
        }
    }

    /**
     * The classifier's logits, from a state on: (B, labels), row-major.
     *
     * @throws IllegalStateException if this model has no classifier
     */
    public float[] classLogits(BatchState state) {
        require(Head.CLASSIFIER);
        try (NDManager scope = manager.newSubManager()) {
            NDArray hidden = lastHiddenState(state, ForwardObserver.NONE, scope); // (B*S, H)
            return DeviceReads.copy(
                    network.head(pass(), Head.CLASSIFIER, hidden, state.state().batch()));
        }
    }

    /**
     * The last hidden state, from a state on: (B*S, H), row-major. The observer sees what is computed, so from a state
     * at site 0 every hidden state and every attention.
     */
    public float[] lastHiddenState(BatchState state, ForwardObserver observer) {
        try (NDManager scope = manager.newSubManager()) {
            return DeviceReads.copy(lastHiddenState(state, observer, scope));
        }
    }

    private NDArray predictedLogits(BatchState state, NDManager scope) {
        Head head = heads.contains(Head.REPLACED_TOKENS) ? Head.REPLACED_TOKENS : Head.LANGUAGE_MODEL;
        require(head);
        if (state.batch().predictedPositions().length == 0) {
            return null;
        }
        NDArray hidden = lastHiddenState(state, ForwardObserver.NONE, scope); // (B*S, H)
        NDArray predicted = Operators.rows(state.state().batch().predictedPositions(), hidden); // (M, H)
        predicted.attach(scope); // what comes first decided otherwise
        NDArray logits = network.head(pass(), head, predicted, state.state().batch()); // (M, rows) or (M, 1)
        return head == Head.LANGUAGE_MODEL ? Operators.ofTokens(logits, config) : logits; // (M, V) or (M, 1)
    }

    private NDArray lastHiddenState(BatchState state, ForwardObserver observer, NDManager owner) {
        Stages stages = network.stages();
        return stages.hidden(run(state.state(), state.stage(), stages.count(), observer, owner));
    }

    /** From a stage to a later one, whose state the owner keeps; what lies between is freed on the way. */
    private StageState run(StageState from, int first, int last, ForwardObserver observer, NDManager owner) {
        JniUtils.setGradMode(false);
        NDList handles = new NDList();
        for (NDArray stream : from.streams()) {
            NDArray handle = stream.stopGradient(); // of its own, on the same memory
            handle.attach(owner);
            handles.add(handle);
        }
        StageState state = new StageState(handles, from.batch());
        for (int stage = first; stage < last; stage++) {
            try (NDManager scope = owner.newSubManager()) {
                state.streams().attach(scope);
                ForwardPass pass =
                        new StoredPass(parameters, views, observer.wantsAttentionProbs() ? showing : kernels);
                state = network.stages().run(new ObservedPass(pass, observer), stage, state);
                state.streams().attach(owner);
            }
        }
        return state;
    }

    private ForwardPass pass() {
        return new StoredPass(parameters, views, kernels);
    }

    private void require(Head head) {
        if (!heads.contains(head)) {
            throw new IllegalStateException(folder + " has no " + head.label());
        }
    }

    @PublicApi
    @Override
    public void close() {
        kernels.close();
        showing.close();
        crossEntropy.close();
        upload.close();
        manager.close();
    }
}
