package norma.probes.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.metrics.Metric;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.MajorityBaseline;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.finetuning.DevSet;
import norma.trainer.model.Head;
import norma.trainer.model.InputTables;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.ReadingMemory;
import norma.trainer.run.MetricsLog;

/**
 * The metrics of a fine-tuned model on a task's held-out examples, and its mean loss on them. Scores have the metrics'
 * keys; where the task has several held-out splits, the split's name and a dot in front.
 */
public final class TaskEvaluation implements Evaluation {
    private static final String LOSS = "loss";
    private static final String PREDICTIONS = "predictions";

    private final LabelledTask task;
    private final String tokenizerSha256;
    private final int vocabulary;
    private final int maxLength;
    private final List<String> labels;
    private final List<DevSet> devs = new ArrayList<>();
    private final List<Batch> batches;

    /**
     * Encodes the held-out examples of a task.
     *
     * @param tokenizer of the models that are to be scored; it is not used after this returns
     * @param sequences how texts are framed for them
     * @param maxLength tokens of an example at most, special ones counted
     * @param rows at most so many examples of each split, the first ones
     * @param batchRows B
     * @param labels of the models' outputs in their order, where {@code config.json} does not name them or is wrong;
     *     empty: as it names them
     */
    public TaskEvaluation(
            LabelledTask task,
            Tokenizer tokenizer,
            SequenceFormat sequences,
            int maxLength,
            int rows,
            int batchRows,
            List<String> labels) {
        this.task = task;
        this.labels = List.copyOf(labels);
        tokenizerSha256 = tokenizer.sha256();
        vocabulary = tokenizer.vocabularySize();
        this.maxLength = maxLength;
        for (LabelledSplit split : task.devs()) {
            devs.add(DevSet.of(split.first(rows), task.kind(), tokenizer, sequences, maxLength, batchRows));
        }
        batches = devs.stream()
                .flatMap(dev -> dev.batches().stream())
                .map(LabelledBatch::inputs)
                .toList();
    }

    @Override
    public List<Batch> batches() {
        return batches;
    }

    /** Nothing is masked in them. */
    @Override
    public List<Batch> plain() {
        return batches;
    }

    @Override
    public Scores score(PretrainedModel bert, Iterable<BatchState> states) {
        Iterator<BatchState> next = states.iterator();
        return score(bert, batch -> bert.classLogits(next.next()));
    }

    /** Scores a model of which nothing is ablated: each batch is read once, and none is kept. */
    public Scores scoreWhole(PretrainedModel bert, Progress progress) {
        int[] done = new int[1];
        return score(bert, batch -> {
            progress.update("evaluating", done[0], batches.size(), "batches");
            done[0]++;
            try (BatchState state = bert.advance(batch.inputs(), 0)) {
                return bert.classLogits(state);
            }
        });
    }

    /** The memory that its batches take. */
    public ReadingMemory memory(PretrainedModel bert) {
        return ReadingMemory.of(bert, batches);
    }

    /** @param logits of a batch, (B*K) row by row */
    private Scores score(PretrainedModel bert, Function<LabelledBatch, float[]> logits) {
        LabelOrder order = order(bert);
        Map<String, Double> values = new LinkedHashMap<>();
        double loss = 0;
        for (DevSet dev : devs) {
            float[] outputs = dev.outputs(batch -> order.ordered(logits.apply(batch)));
            requireNumbers(bert, outputs);
            loss += task.kind().loss(dev.split().examples(), outputs)
                    * dev.split().examples().size();
            task.scores(dev.split(), outputs).forEach((metric, value) -> values.put(key(dev, metric), value));
        }
        values.put(LOSS, loss / examples());
        values.put(PREDICTIONS, (double) examples());
        return new Scores(values);
    }

    private static void requireNumbers(PretrainedModel bert, float[] outputs) {
        for (float output : outputs) {
            if (Float.isNaN(output)) {
                throw new InvalidInputException(
                        bert.folder() + ": the model's output is NaN for an example, expected numbers");
            }
        }
    }

    private String key(DevSet dev, Metric metric) {
        return devs.size() == 1 ? metric.key() : dev.split().name() + "." + metric.key();
    }

    private int examples() {
        return devs.stream().mapToInt(dev -> dev.split().examples().size()).sum();
    }

    /** The first of the metrics that make the task's score, on the first held-out split. */
    @Override
    public String headline() {
        return key(devs.get(0), task.headline().get(0));
    }

    @Override
    public double cost(Scores full, Scores ablated) {
        return full.get(headline()) - ablated.get(headline());
    }

    @Override
    public String costLabel() {
        return "fall of " + headline();
    }

    @Override
    public List<String> summarized() {
        List<String> scores = new ArrayList<>();
        devs.forEach(dev -> task.metrics().forEach(metric -> scores.add(key(dev, metric))));
        scores.add(LOSS);
        return scores;
    }

    /** The {@link #headline} of the most frequent training label, or of the mean where a number is predicted. */
    public double majority() {
        return MajorityBaseline.of(task, devs.get(0).split())
                .get(task.headline().get(0));
    }

    @Override
    public ObjectNode describe() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", "task");
        json.put("task", task.name());
        json.put("max_length", maxLength);
        json.put("tokenizer_sha256", tokenizerSha256);
        ArrayNode splits = json.putArray("splits");
        for (DevSet dev : devs) {
            ObjectNode split = splits.addObject();
            split.put("name", dev.split().name());
            split.put("source", dev.split().source());
            split.put("examples", dev.split().examples().size());
            split.put("truncated", dev.truncated());
            split.put("examples_sha256", dev.split().sha256());
            ObjectNode majority = split.putObject("majority_baseline");
            MajorityBaseline.of(task, dev.split())
                    .forEach((metric, value) -> MetricsLog.put(majority, metric.key(), value));
        }
        return json;
    }

    @Override
    public String words() {
        return devs.stream()
                .map(dev -> String.format(
                        Locale.ROOT,
                        "%s %s: %s; without reading them, by the most frequent training label: %s",
                        task.name(),
                        dev.split().name(),
                        Counted.of(dev.split().examples().size(), "example"),
                        MajorityBaseline.of(task, dev.split()).entrySet().stream()
                                .map(score -> String.format(
                                        Locale.ROOT, "%s %.4f", score.getKey().key(), score.getValue()))
                                .collect(Collectors.joining(", "))))
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void requireFits(PretrainedModel bert) {
        String folder = bert.folder().toString();
        if (!bert.heads().contains(Head.CLASSIFIER)) {
            String leftOut = bert.leftOut().isEmpty() ? "" : " (" + String.join("; ", bert.leftOut()) + ")";
            throw InvalidInputException.of(
                    folder, "classifier", "none" + leftOut, "one for " + task.name() + ", as norma finetune makes it");
        }
        order(bert);
        if (maxLength > bert.config().longestSequence()) {
            throw InvalidInputException.setting(
                    "sequence_length",
                    maxLength,
                    "at most " + bert.config().positionsKey() + " of " + folder + " ("
                            + bert.config().longestSequence() + ")");
        }
        InputTables tables = bert.tables();
        tables.requireVocabulary(folder, vocabulary);
        if (task.train().examples().get(0).textPair() != null) {
            tables.requirePairs(task.name(), bert.sequences());
        }
        for (DevSet dev : devs) {
            dev.batches().forEach(batch -> tables.require(dev.split().source(), batch.inputs()));
        }
        memory(bert).require();
    }

    @Override
    public List<String> notes() {
        return task.reading().choices();
    }

    @Override
    public List<String> assumptions(PretrainedModel bert) {
        List<String> assumptions = new ArrayList<>(task.reading().doubts());
        order(bert).assumption().ifPresent(assumptions::add);
        return assumptions;
    }

    private LabelOrder order(PretrainedModel bert) {
        return LabelOrder.of(task, bert, labels);
    }
}
