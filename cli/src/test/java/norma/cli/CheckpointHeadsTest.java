package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.safetensors.SafetensorsWriter;
import norma.trainer.serving.LetterCheckpoint;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published checkpoints with heads of several kinds, and what becomes of them. */
@Tag("run")
class CheckpointHeadsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String LEFT_OUT =
            "the token classifier of BertForTokenClassification (classifier.bias, classifier.weight) is left out";

    @TempDir
    private static Path folder;

    private static Path letters;
    private static Path tagger;
    private static Path classifier;
    private static List<Object> task;
    private static List<Object> pairs;

    @TempDir
    private Path out;

    @BeforeAll
    static void writeModelsAndTasks() throws IOException {
        letters = LetterCheckpoint.in(folder);
        tagger = model("tagger", "BertForTokenClassification", false, config -> {});
        classifier = model("classifier", "BertForSequenceClassification", true, config -> {});
        Path rows = ShipsTask.tsv(
                folder.resolve("rows.tsv"),
                "label\ttext\tother",
                40,
                i -> (i * i % 5 < 2 ? "yes" : "no") + "\tab" + "c".repeat(i % 9) + " d\t" + "e".repeat(1 + i % 4));
        task = List.of(
                "--name", "rows", "--train", rows, "--dev", rows, "--text-column", "text", "--label-column", "label");
        pairs = with(task, "--text-pair-column", "other");
    }

    private static Path model(String name, String architecture, boolean pooler, Consumer<ObjectNode> change)
            throws IOException {
        return model(name, architecture, pooler, 2, change);
    }

    /** The letters' model with a classifier in place of its heads. */
    private static Path model(
            String name, String architecture, boolean pooler, int outputs, Consumer<ObjectNode> change)
            throws IOException {
        Path made = Files.createDirectory(folder.resolve(name));
        Files.copy(letters.resolve("tokenizer.json"), made.resolve("tokenizer.json"));
        ObjectNode config =
                (ObjectNode) MAPPER.readTree(letters.resolve("config.json").toFile());
        config.putArray("architectures").add(architecture);
        change.accept(config);
        MAPPER.writeValue(made.resolve("config.json").toFile(), config);
        int hidden = config.get("hidden_size").asInt();
        int types = config.get("type_vocab_size").asInt();
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(letters.resolve("model.safetensors"))) {
            for (String tensor : file.names()) {
                if (tensor.startsWith("bert.") && (pooler || !tensor.startsWith("bert.pooler."))) {
                    weights.put(tensor, file.read(tensor));
                }
            }
        }
        float[] words = weights.get("bert.embeddings.word_embeddings.weight").values();
        String typeTable = "bert.embeddings.token_type_embeddings.weight";
        weights.put(typeTable, rows(weights.get(typeTable).values(), types, hidden));
        weights.put("classifier.weight", rows(words, outputs, hidden));
        weights.put("classifier.bias", new HostTensor(new long[] {outputs}, new float[outputs]));
        SafetensorsWriter.write(made.resolve("model.safetensors"), weights, Map.of());
        return made;
    }

    private static HostTensor rows(float[] values, int rows, int width) {
        return new HostTensor(new long[] {rows, width}, Arrays.copyOf(values, rows * width));
    }

    private static List<Object> with(List<Object> words, Object... more) {
        List<Object> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all;
    }

    private static CommandLineRun run(String command, Object model, List<Object> words, Object... more) {
        List<Object> all = new ArrayList<>(List.of(command, model));
        all.addAll(words);
        all.addAll(List.of(more));
        return CommandLineRun.of(all.toArray());
    }

    private static JsonNode scores(CommandLineRun run) throws IOException {
        assertThat(run.code()).as(run.err()).isZero();
        return run.json();
    }

    @Test
    void aTokenClassifier_isImportedAsAnEncoder_withAWord_andIsNoClassifier() throws IOException {
        Path imported = out.resolve("imported");
        CommandLineRun run = CommandLineRun.of("import", tagger, "--out", imported, "--quiet", "--json");
        assertThat(scores(run).at("/left_out/0").asText()).startsWith(LEFT_OUT);
        assertThat(run.err()).contains("warning: " + LEFT_OUT);
        run("ablate", imported, task, "--json").assertRefused("classifier: found none, expected one for rows");
        run("ablate", tagger, task, "--json").assertRefused("classifier: found none (" + LEFT_OUT);
        assertThat(CommandLineRun.of("outliers", tagger, "--json").code()).isZero();
    }

    @Test
    void aFreshPooler_isMentioned_andAPoolerThatIsThereIsTaken() {
        Object[] once = {"--runs", out, "--seeds", 1, "--epochs", 1};
        CommandLineRun fresh = run("finetune", tagger, with(pairs, once), "--run", "fresh");
        assertThat(fresh.code()).as(fresh.err()).isZero();
        assertThat(fresh.err())
                .contains(LEFT_OUT)
                .contains(tagger + " has no pooler: it begins with fresh weights, as the classifier does");
        CommandLineRun whole = run("finetune", letters, with(pairs, once), "--run", "whole");
        assertThat(whole.code()).as(whole.err()).isZero();
        assertThat(whole.err()).doesNotContain("pooler");
    }

    @Test
    void outputsWithoutNames_areTakenInTheTasksOrder_andThatIsSaid_untilLabelsSayAnother() throws IOException {
        CommandLineRun unnamed = run("ablate", classifier, task, "--json");
        double accuracy = scores(unnamed).at("/full/accuracy").asDouble();
        assertThat(accuracy).isStrictlyBetween(0.0, 1.0).isNotEqualTo(0.5);
        String sentence = "id2label of " + classifier + " names no labels (LABEL_0, LABEL_1); its outputs are taken for"
                + " no, yes, in this order (setting `labels` sets another)";
        assertThat(unnamed.err()).contains("warning: " + sentence.replace("setting `labels`", "--labels"));
        assertThat(unnamed.json().get("assumed")).extracting(JsonNode::asText).containsExactly(sentence);

        CommandLineRun turned = run("ablate", classifier, task, "--labels", "yes,no", "--json");
        assertThat(scores(turned).at("/full/accuracy").asDouble()).isCloseTo(1 - accuracy, within(1e-12));
        assertThat(turned.err()).doesNotContain("warning: id2label");
        assertThat(turned.json().get("assumed")).isEmpty();
        CommandLineRun same = run("ablate", classifier, task, "--labels", "no,yes", "--json");
        assertThat(scores(same).at("/full/accuracy").asDouble()).isEqualTo(accuracy);

        for (String wrong : List.of("yes,maybe", "yes", "yes,yes", "yes,no,maybe")) {
            run("ablate", classifier, task, "--labels", wrong, "--json")
                    .assertRefused("command line: --labels: found " + wrong + ", expected the labels of rows in the"
                            + " order of the outputs of " + classifier + ", some order of no,yes");
        }
        CommandLineRun.of("ablate", letters, "--eval", "wordnet", "--labels", "yes,no")
                .assertRefused("command line: --labels: found yes,no, expected none without a task");
    }

    @Test
    void namesInAnotherOrder_areTakenByName() throws IOException {
        double accuracy = scores(run("ablate", classifier, task, "--json"))
                .at("/full/accuracy")
                .asDouble();
        Path turned = model("turned", "BertForSequenceClassification", true, config -> config.putObject("id2label")
                .put("0", "Yes")
                .put("1", "No"));
        CommandLineRun run = run("ablate", turned, task, "--json");
        assertThat(scores(run).at("/full/accuracy").asDouble()).isCloseTo(1 - accuracy, within(1e-12));
        assertThat(run.err()).doesNotContain("warning");
        Path others = model("others", "BertForSequenceClassification", true, config -> config.putObject("id2label")
                .put("0", "LABEL_1")
                .put("1", "LABEL_0"));
        run("ablate", others, task, "--json")
                .assertRefused("id2label: found [LABEL_1, LABEL_0], expected [no, yes], the labels of rows in their"
                        + " order");
    }

    @Test
    void theOneOutputOfARegression_mayHaveAnyName_andNoOrder() throws IOException {
        Path scorer = model("scorer", "BertForSequenceClassification", true, 1, config -> config.putObject("id2label")
                .put("0", "similarity"));
        Path rows = ShipsTask.tsv(out.resolve("scores.tsv"), "label\ttext", 8, i -> i + ".5\tab" + "c".repeat(i));
        List<Object> scores = new ArrayList<>(List.of("--name", "scores", "--train", rows, "--dev", rows));
        scores.addAll(List.of("--text-column", "text", "--label-column", "label"));
        CommandLineRun run = run("ablate", scorer, scores, "--json");
        assertThat(scores(run).at("/full").has("pearson")).isTrue();
        assertThat(run.err()).doesNotContain("id2label");
        run("ablate", scorer, scores, "--labels", "similarity", "--json")
                .assertRefused("command line: --labels: found similarity, expected none, for scores predicts a number");
    }

    @Test
    void headingsOfTwoHeldOutSets_areApart() throws IOException {
        Path three = model("three", "BertForSequenceClassification", true, 3, config -> {});
        Path mnli = Files.createDirectory(out.resolve("MNLI"));
        List<String> labels = List.of("entailment", "neutral", "contradiction");
        for (String set : List.of("train", "dev_matched", "dev_mismatched")) {
            ShipsTask.tsv(
                    mnli.resolve(set + ".tsv"),
                    "sentence1\tsentence2\tgold_label",
                    6,
                    i -> "ab" + i + "\tcd\t" + labels.get(i % 3));
        }
        CommandLineRun run = CommandLineRun.of("ablate", three, "--task", "mnli", "--data", out);
        assertThat(run.code()).as(run.err()).isZero();
        String heading = run.out()
                .lines()
                .filter(line -> line.contains("switched off"))
                .findFirst()
                .orElseThrow();
        assertThat(heading.strip().split("  +"))
                .startsWith("step", "switched off", "dev_matched.accuracy", "dev_mismatched.accuracy", "loss");
        String row = run.out()
                .lines()
                .filter(line -> line.contains("nothing"))
                .findFirst()
                .orElseThrow();
        assertThat(row).hasSize(heading.indexOf("  loss") + "  loss".length());
    }

    @Test
    void pairsForAModelWithOneTokenType_areRefusedEverywhere_andSingleTextsAreNot() throws IOException {
        Path single =
                model("single", "BertForSequenceClassification", true, config -> config.put("type_vocab_size", 1));
        String message =
                "single/config.json: type_vocab_size: found 1, expected at least 2, for rows has pairs of texts";
        run("ablate", single, pairs, "--json").assertRefused(message);
        run("finetune", single, pairs, "--runs", out, "--json").assertRefused(message);
        scores(run("ablate", single, task, "--json"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input_ids      | 99999 | token id: found 99999, expected 0 to ",
                "input_ids      | -1    | token id: found -1, expected 0 to ",
                "labels         | 99999 | label: found 99999, expected 0 to ",
                "labels         | -5    | label: found -5, expected 0 to ",
                "token_type_ids | 2     | token type: found 2, expected 0 to 1, for type_vocab_size of ",
                "token_type_ids | -1    | token type: found -1, expected 0 to 1, for type_vocab_size of ",
                "position_ids   | 0     | position_ids: found some, expected none: a model counts them itself"
            })
    void anEvaluationWithIdsOutsideTheModelsTables_isRefusedByEveryCommand(String tensor, long value, String message)
            throws IOException {
        Path file = out.resolve("set.safetensors");
        Map<String, long[]> tensors = frozen(6);
        tensors.computeIfAbsent(tensor, name -> new long[6])[4] = value;
        LongTensors.write(file, tensors);
        for (List<Object> command : List.<List<Object>>of(
                List.of("ablate", letters),
                List.of("outliers", letters),
                List.of("attention", letters),
                List.of("bench", "probes", letters))) {
            CommandLineRun.of(with(command, "--eval", file, "--json").toArray()).assertRefused(file + ": " + message);
        }
    }

    @Test
    void anEvaluationThatIsLongerThanTheModel_isRefused_andOneThatFitsIsRead() throws IOException {
        Path file = out.resolve("set.safetensors");
        int longest = MAPPER.readTree(letters.resolve("config.json").toFile())
                .get("max_position_embeddings")
                .asInt();
        LongTensors.write(file, frozen(longest + 1));
        CommandLineRun.of("ablate", letters, "--eval", file, "--json")
                .assertRefused("sequence length: found " + (longest + 1)
                        + ", expected at most max_position_embeddings of " + letters + " (" + longest + ")");
        LongTensors.write(file, frozen(longest));
        scores(CommandLineRun.of("ablate", letters, "--eval", file, "--json"));
    }

    /** A row of letters of which one is predicted. */
    private static Map<String, long[]> frozen(int length) {
        Map<String, long[]> tensors = new LinkedHashMap<>();
        for (String name : List.of("input_ids", "labels", "token_type_ids")) {
            tensors.put(name, new long[length]);
        }
        for (int i = 0; i < length; i++) {
            tensors.get("input_ids")[i] = 7L + i % 20;
            tensors.get("labels")[i] = i == 3 ? 9 : -100;
            tensors.get("token_type_ids")[i] = i % 2;
        }
        return tensors;
    }

    @Test
    void textAndTasks_areCutToTheModelsLongestSequence_whereNoLengthIsAskedFor() throws IOException {
        Path text = Files.writeString(out.resolve("text.txt"), "a b c d e f g h i j k l m n o p q ".repeat(40));
        JsonNode outliers = scores(CommandLineRun.of("outliers", letters, "--eval", text, "--json"));
        int longest = MAPPER.readTree(letters.resolve("config.json").toFile())
                .get("max_position_embeddings")
                .asInt();
        assertThat(longest).isLessThan(128);
        int rows = outliers.at("/evaluation/rows").asInt();
        assertThat(outliers.at("/evaluation/tokens").asInt()).isEqualTo(rows * longest);
        JsonNode ablation = scores(run("ablate", classifier, task, "--json"));
        assertThat(ablation.at("/evaluation/max_length").asInt()).isEqualTo(longest);
        run("ablate", classifier, task, "--sequence-length", longest + 1, "--json")
                .assertRefused("--sequence-length: found " + (longest + 1) + ", expected at most");
    }
}
