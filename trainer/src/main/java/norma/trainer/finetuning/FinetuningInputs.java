package norma.trainer.finetuning;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.files.FileProblem;
import norma.datasets.files.SpecialFile;
import norma.datasets.tasks.EncodedSplit;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TaskKind;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.architectures.Architectures;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.checkpoint.Manifest;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.Head;
import norma.trainer.model.InputTables;
import norma.trainer.model.ModelConfig;
import norma.trainer.pretrained.PretrainedModel;

/**
 * What a fine-tuning is made from, read and found to fit together.
 *
 * @param config with every default decided
 * @param model shape of the pre-trained model
 * @param weightsSha256 of the weights that it begins from
 * @param parentLayerNorms a snapshot of its LayerNorms
 * @param parentLayout where things lie in it
 * @param notes what people should know about its heads, a sentence each
 * @param tokenizer of the pre-trained model
 * @param task the labelled task
 * @param training its training examples as token ids
 * @param devs its held-out examples in batches
 */
@SuppressWarnings("ArrayRecordComponent") // read only
record FinetuningInputs(
        FinetuneConfig config,
        ModelConfig model,
        String weightsSha256,
        float[] parentLayerNorms,
        SnapshotLayout parentLayout,
        List<String> notes,
        Tokenizer tokenizer,
        LabelledTask task,
        EncodedSplit training,
        List<DevSet> devs)
        implements AutoCloseable {
    /**
     * Reads everything.
     *
     * @throws InvalidInputException if a file is missing or not as it should be, or model, tokenizer and task do not
     *     fit
     */
    static FinetuningInputs read(FinetuneConfig asked, Device device, Progress progress) {
        Path checkpoint = Path.of(asked.checkpoint());
        Path tokenizerFile = tokenizerFile(checkpoint);
        Manifest.requireWhole(checkpoint);
        String weights = sha256(new CheckpointFiles(checkpoint).weights());
        ModelConfig model;
        float[] layerNorms;
        SnapshotLayout layout;
        InputTables tables;
        List<String> notes;
        try (PretrainedModel bert = PretrainedModel.open(checkpoint, device)) {
            model = bert.config();
            tables = bert.tables();
            notes = notes(bert);
            layerNorms = bert.layerNorms();
            layout = new SnapshotLayout(bert.layerNormSites());
        }
        asked.forPositions(model.longestSequence()); // before a task is read
        progress.update("reading " + asked.task().source().name(), 0, 1, "tasks");
        LabelledTask task = asked.task().source().load();
        task.devs().forEach(dev -> requireMeasurable(task, dev));
        Tokenizer tokenizer = Tokenizer.load(tokenizerFile);
        try {
            FinetuneConfig fitted = asked.forPositions(model.longestSequence(), tokenizer.longestSequence());
            FinetuneConfig config =
                    FinetuningMemory.decided(fitted, model, task.kind().outputs(), device, notes::add);
            SequenceFormat sequences = Architectures.of(model).sequences();
            requireFit(tables, tokenizer, tokenizerFile, task, sequences);
            progress.update("tokenizing", 0, 1 + task.devs().size(), "splits");
            EncodedSplit training =
                    new EncodedSplit(tokenizer, sequences, task.kind(), task.train(), config.maxLength());
            List<DevSet> devs = new ArrayList<>();
            for (LabelledSplit dev : task.devs()) {
                devs.add(DevSet.of(
                        dev,
                        task.kind(),
                        tokenizer,
                        sequences,
                        config.maxLength(),
                        config.microBatchSize().rows()));
            }
            requireRows(tables, task, training, devs);
            progress.update("tokenizing", 1 + devs.size(), 1 + devs.size(), "splits");
            return new FinetuningInputs(
                    config, model, weights, layerNorms, layout, notes, tokenizer, task, training, List.copyOf(devs));
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    private static String sha256(Path weights) {
        try {
            return Hashes.sha256(weights);
        } catch (IOException e) {
            throw new InvalidInputException(weights + ": cannot be read: " + FileProblem.reason(e), e);
        }
    }

    /** What of the classifier begins with fresh weights besides its own, and what of the checkpoint is not used. */
    private static List<String> notes(PretrainedModel bert) {
        List<String> notes = new ArrayList<>(bert.leftOut());
        if (bert.heads().contains(Head.CLASSIFIER)) {
            notes.add("the classifier of " + bert.folder() + " is not taken: the task's begins with fresh weights");
        }
        if (bert.names().onPooler().contains(Head.CLASSIFIER) && !bert.heads().contains(Head.POOLER)) {
            notes.add(bert.folder() + " has no pooler: it begins with fresh weights, as the classifier does");
        }
        return notes;
    }

    private static Path tokenizerFile(Path checkpoint) {
        SpecialFile.refuse(checkpoint, "a checkpoint's folder");
        SpecialFile.refuseInside(checkpoint, "the files of a model");
        if (!Files.isDirectory(checkpoint)) {
            throw new InvalidInputException(checkpoint + ": no such folder, expected a checkpoint");
        }
        return new CheckpointFiles(checkpoint).requireTokenizer();
    }

    private static void requireFit(
            InputTables tables, Tokenizer tokenizer, Path tokenizerFile, LabelledTask task, SequenceFormat sequences) {
        tables.requireVocabulary(tokenizerFile.toString(), tokenizer.vocabularySize());
        if (task.train().examples().get(0).textPair() != null) {
            tables.requirePairs(task.name(), sequences);
        }
    }

    /** A correlation with one and the same number is undefined, whatever is predicted, and so is the best epoch. */
    private static void requireMeasurable(LabelledTask task, LabelledSplit dev) {
        if (task.kind() instanceof TaskKind.Regression
                && dev.examples().stream()
                                .map(LabelledExample::label)
                                .distinct()
                                .count()
                        == 1) {
            throw InvalidInputException.of(
                    dev.source(),
                    "labels of " + dev.name(),
                    ((Label.Target) dev.examples().get(0).label()).value() + " for each example",
                    "at least two different numbers: the correlations by which epochs are compared are undefined"
                            + " otherwise");
        }
    }

    /** Whatever the steps will read is looked at before the first of them. */
    private static void requireRows(InputTables tables, LabelledTask task, EncodedSplit training, List<DevSet> devs) {
        for (int example = 0; example < training.size(); example++) {
            tables.require(
                    task.train().source(), training.batch(new int[] {example}).inputs());
        }
        for (DevSet dev : devs) {
            dev.batches().forEach(batch -> tables.require(dev.split().source(), batch.inputs()));
        }
    }

    /** Optimiser steps of one seed. */
    long steps() {
        int batch = config.batchSize();
        return (long) config.epochs() * ((training.size() + batch - 1) / batch);
    }

    /** What provenance.json keeps of them, and a resumed fine-tuning compares. */
    ObjectNode fingerprint() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("checkpoint", config.checkpoint());
        json.put("weights_sha256", weightsSha256);
        json.put("tokenizer_sha256", tokenizer.sha256());
        json.put("task", task.name());
        ObjectNode splits = json.putObject("splits");
        split(splits, task.train());
        task.devs().forEach(dev -> split(splits, dev));
        return json;
    }

    private static void split(ObjectNode splits, LabelledSplit split) {
        splits.putObject(split.name())
                .put("source", split.source())
                .put("examples", split.examples().size())
                .put("left_out", split.leftOut().size())
                .put("examples_sha256", split.sha256());
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
