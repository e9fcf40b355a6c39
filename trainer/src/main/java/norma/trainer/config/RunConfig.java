package norma.trainer.config;

import ai.djl.Device;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.datasets.config.DataConfig;
import norma.datasets.objectives.Objective;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.trainer.architectures.Architectures;
import norma.trainer.device.Devices;
import norma.trainer.dropout.DropoutMasks;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.DimensionValue;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;

/**
 * Everything that decides what a run computes. A component that is null takes its default; rules that span groups are
 * checked here.
 *
 * @param seed seed of every draw: initialisation, order, masks, dropout
 * @param device {@code cpu}, {@code gpu}, {@code gpu:N}, or several of one kind, such as {@code gpu:0,1}
 * @param data the text and what is made of it
 * @param tokenizer trained or given
 * @param model the model's shape
 * @param training length and batch
 * @param optimizer AdamW, or another
 * @param schedule the learning rate over the run
 * @param intervention what is done to a dimension of the LayerNorms; null for nothing
 * @param record LayerNorm recording
 * @param logging training metrics
 * @param evaluation held-out metrics
 * @param checkpoints when, and how many stay
 */
@PublicApi(opaque = true)
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record RunConfig(
        Long seed,
        String device,
        DataConfig data,
        TokenizerConfig tokenizer,
        ModelConfig model,
        TrainingConfig training,
        OptimizerConfig optimizer,
        ScheduleConfig schedule,
        InterventionConfig intervention,
        RecordConfig record,
        LoggingConfig logging,
        EvaluationConfig evaluation,
        CheckpointsConfig checkpoints) {
    /** The source of messages about values of several groups; their keys are full. */
    static final String GROUP = "config";

    private static final String DEVICE = "device";

    public RunConfig {
        seed = seed == null ? 1L : seed;
        device = device == null ? "cpu" : device;
        data = data == null ? RunConfigYaml.defaults(DataConfig.class) : data;
        tokenizer = tokenizer == null ? RunConfigYaml.defaults(TokenizerConfig.class) : tokenizer;
        model = model == null ? RunConfigYaml.defaults(Architectures.standard().configClass()) : model;
        training = training == null ? new TrainingConfig(null, null, null, null, null, null) : training;
        optimizer = optimizer == null ? RunConfigYaml.defaults(OptimizerConfig.class) : optimizer;
        schedule = (schedule == null ? new ScheduleConfig(null, null, null) : schedule).forSteps(training.steps());
        record = record == null ? new RecordConfig(null) : record;
        logging = logging == null ? new LoggingConfig(null) : logging;
        evaluation = evaluation == null ? new EvaluationConfig(null, null) : evaluation;
        checkpoints = checkpoints == null ? new CheckpointsConfig(null, null, null, null) : checkpoints;

        Requirement.require(Devices.isName(device), GROUP, DEVICE, device, Devices.EXPECTED);
        training = training.forDevices(device.split(",").length, device.startsWith("gpu") ? logging.every() : 1);
        Requirement.require(
                schedule.warmupSteps() <= training.steps(),
                GROUP,
                "schedule.warmup_steps",
                schedule.warmupSteps(),
                "at most training.steps (" + training.steps() + ")");
        Requirement.require(
                data.rowLength() <= model.longestSequence(),
                GROUP,
                "data.sequence_length",
                data.sequenceLength(),
                "at most model." + model.positionsKey() + " (" + model.longestSequence() + ")");
        model = model.forSequences(data.rowLength());
        requireObjective(data, model);
        tokenizer.requireFits(Architectures.of(model).sequences());
        long rows = mostRows(model, data.rowLength());
        Requirement.require(
                device.startsWith("gpu") || training.microBatchSize().number() <= rows,
                GROUP,
                "training.micro_batch_size",
                training.microBatchSize().number(),
                "at most " + rows + " sequences of " + data.rowLength() + ", for a dropout mask has at most "
                        + DropoutMasks.MOST_ELEMENTS + " elements");
        Requirement.require(
                model.typeVocabSize() >= 2 || !data.nextSentence(),
                GROUP,
                "model.type_vocab_size",
                model.typeVocabSize(),
                "at least 2, because data.objective is mlm+nsp");
        long last = checkpoints.at().isEmpty()
                ? 0
                : checkpoints.at().get(checkpoints.at().size() - 1);
        Requirement.require(
                last <= training.steps(),
                GROUP,
                "checkpoints.at",
                last,
                "steps of at most training.steps (" + training.steps() + ")");
        Requirement.require(
                !optimizer.decayBias() || !model.padsVocabulary(),
                GROUP,
                "optimizer.decay_bias",
                optimizer.decayBias(),
                "false, for model.variant.pad_vocab_to_multiple_of keeps rows from being predicted by their bias");
        if (intervention != null) {
            intervention.requireFits(model.hiddenSize(), training.steps());
        }
    }

    private static void requireObjective(DataConfig data, ModelConfig model) {
        Set<Class<? extends Objective>> fitting = Architectures.of(model).objectives();
        List<String> keys = Objective.keys().stream()
                .filter(key -> fitting.contains(Objective.of(key, null, null).getClass()))
                .toList();
        Requirement.require(
                keys.contains(data.objective()),
                GROUP,
                "data.objective",
                data.objective(),
                String.join(" or ", keys) + ", which model.model_type " + model.modelType() + " is trained with");
    }

    /** Sequences in memory at once whose largest dropout mask can be made on a CPU. */
    public long mostMaskedRows() {
        return mostRows(model, data.rowLength());
    }

    /** Sequences of a length whose largest dropout mask can be made on a CPU. */
    private static long mostRows(ModelConfig model, long length) {
        return model.dropoutSites(length, length).stream()
                .mapToLong(DropoutSite::mostRows)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /**
     * The devices to train on, with libtorch made ready for the precision. Ask for them before anything else loads
     * libtorch, which looks at its environment once.
     *
     * @throws InvalidInputException if this machine lacks one of them
     */
    public List<Device> devices() {
        if (training.precision() == Precision.TF32) {
            Devices.allowTf32();
        }
        try {
            return Devices.parseAll(device);
        } catch (InvalidInputException e) {
            throw e.source().equals(InvalidInputException.SETTINGS) ? e.at(GROUP, DEVICE) : e;
        }
    }

    /**
     * This configuration for this machine: of the precisions that it leaves open the one that is faster here.
     *
     * @throws InvalidInputException if it asks a CPU for bf16 that has no instructions for it
     */
    public RunConfig forMachine() {
        return with(training.with(MachinePrecision.of(
                GROUP,
                "training.precision",
                training.precision(),
                device,
                training.emulateBf16() ? null : " (training.emulate_bf16: true takes bf16 all the same)")));
    }

    /**
     * This configuration for a tokenizer: {@code model.vocab_size} and {@code model.pad_token_id} become the
     * tokenizer's where they were left out. A larger vocabulary stays, its last rows are never used.
     *
     * @throws InvalidInputException if the model's vocabulary is smaller, or its padding token another
     */
    public RunConfig forTokenizer(Tokenizer of) {
        SequenceFormat format = Architectures.of(model).sequences();
        return forTokenizer(of.vocabularySize(), format.with(of).padId(), of.id(format.documentEnd()));
    }

    /** The same as if its tokenizer had so many tokens, for what depends on their number alone. */
    public RunConfig forVocabulary(int size) {
        return with(model.forTokenizer(size, 0, OptionalInt.of(0)), training, checkpoints);
    }

    RunConfig forTokenizer(int vocabularySize, int padId, OptionalInt endId) {
        ModelConfig fitted = model.forTokenizer(vocabularySize, padId, endId);
        if (fitted.vocabSize() < vocabularySize) {
            throw InvalidInputException.of(
                    GROUP,
                    "model.vocab_size",
                    fitted.vocabSize(),
                    "at least " + vocabularySize
                            + ", the tokenizer's vocabulary (leave it out to follow the tokenizer)");
        }
        if (fitted.padTokenId() != padId) {
            throw InvalidInputException.of(
                    GROUP, "model.pad_token_id", fitted.padTokenId(), padId + ", which fills rows with this tokenizer");
        }
        return with(fitted, training, checkpoints);
    }

    /** The same run with other checkpoints: it computes the same. */
    public RunConfig withCheckpoints(CheckpointsConfig others) {
        return with(model, training, others);
    }

    /** The same run with the paths of its text and tokenizer as they are found from any folder. */
    public RunConfig withAbsolutePaths() {
        return new RunConfig(
                seed,
                device,
                data.withAbsolutePaths(),
                tokenizer.withAbsolutePath(),
                model,
                training,
                optimizer,
                schedule,
                intervention,
                record,
                logging,
                evaluation,
                checkpoints);
    }

    /** What the LayerNorms are to have at a step. */
    public List<DimensionValue> valuesAt(long step) {
        return intervention == null ? List.of() : intervention.at(step);
    }

    private RunConfig with(TrainingConfig otherTraining) {
        return with(model, otherTraining, checkpoints);
    }

    /** The same run with so many sequences in memory at once. */
    public RunConfig withMicroBatchSize(MicroBatchSize micro) {
        return with(training.withMicroBatchSize(micro));
    }

    private RunConfig with(ModelConfig otherModel, TrainingConfig otherTraining, CheckpointsConfig otherCheckpoints) {
        return new RunConfig(
                seed,
                device,
                data,
                tokenizer,
                otherModel,
                otherTraining,
                optimizer,
                schedule,
                intervention,
                record,
                logging,
                evaluation,
                otherCheckpoints);
    }
}
