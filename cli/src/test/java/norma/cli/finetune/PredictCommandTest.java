package norma.cli.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.ShipsTask;
import norma.cli.TrainedRunTests;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Predictions and scores of a model that was fine-tuned on a made-up task, as users call them. */
@Tag("run")
class PredictCommandTest extends TrainedRunTests {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static Path tuned;
    private static ShipsTask ships;
    private static Path dev;

    @BeforeAll
    static void finetune() throws IOException {
        ships = ShipsTask.in(shared);
        dev = shared.resolve("dev.tsv");
        Path runs = shared.resolve("runs");
        List<Object> words = ships.finetune(run, runs, "--run", "ships", "--seeds", 1, "--epochs", 4, "--quiet");
        words.set(words.indexOf("--max-length") + 1, 6); // so that texts are cut
        CommandLineRun finetune = CommandLineRun.of(words.toArray());
        assertThat(finetune.code()).as(finetune.err()).isZero();
        tuned = runs.resolve("ships/seed-1/checkpoint");
    }

    private static CommandLineRun predict(Object... more) {
        List<Object> words = new ArrayList<>(List.of("predict", tuned, "--text", dev, "--text-column", "body"));
        words.addAll(List.of(more));
        CommandLineRun run = CommandLineRun.of(words.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    private static List<String[]> table(List<String> lines) {
        return lines.stream().map(line -> line.split("\t", -1)).toList();
    }

    @Test
    void aTable_goesToStandardOutput_andSaysWhatFineTuningsOwnEvaluationSaid() throws IOException {
        CommandLineRun run = predict();
        List<String[]> rows = table(run.out().lines().toList());
        List<String[]> own = table(Files.readAllLines(tuned.resolveSibling("predictions.tsv")));
        assertThat(rows).hasSameSizeAs(own).hasSize(31);
        assertThat(rows.get(0)).containsExactly("line", "predicted", "p(sails)", "p(waits)", "text");
        for (int i = 1; i < rows.size(); i++) {
            assertThat(rows.get(i)[0]).isEqualTo(Integer.toString(i + 1));
            assertThat(rows.get(i)[1]).isEqualTo(own.get(i)[3]);
            assertThat(rows.get(i)[4]).isEqualTo(own.get(i)[6]);
            double sails = Double.parseDouble(rows.get(i)[2]);
            assertThat(sails).isCloseTo(Double.parseDouble(own.get(i)[4]), within(2e-6));
            assertThat(sails + Double.parseDouble(rows.get(i)[3])).isCloseTo(1, within(2e-6));
        }
        assertThat(run.err()).contains("30 texts, 30 of them cut to 6 tokens");
    }

    @Test
    void json_linesAndTables_sayTheSame() throws IOException {
        JsonNode json = predict("--json").json();
        assertThat(json.get("predictions")).hasSize(30);
        assertThat(json.at("/predicted/sails").asInt()
                        + json.at("/predicted/waits").asInt())
                .isEqualTo(30);
        Path lines = folder.resolve("p.jsonl");
        JsonNode written = predict("--json", "--out", lines).json();
        assertThat(written.has("predictions")).isFalse();
        assertThat(written.get("predicted")).isEqualTo(json.get("predicted"));
        List<String> objects = Files.readAllLines(lines);
        assertThat(objects).hasSize(30);
        for (int i = 0; i < 30; i++) {
            assertThat(MAPPER.readTree(objects.get(i))).isEqualTo(json.at("/predictions/" + i));
        }
        Path tsv = folder.resolve("p.tsv");
        assertThat(predict("--out", tsv, "--quiet").out()).contains("Written to " + tsv);
        assertThat(Files.readString(tsv)).isEqualTo(predict("--quiet").out());
    }

    @Test
    void jsonLinesAndCsv_areReadToo_andABatchIsNoMatter() throws IOException {
        List<String> lines = Files.readAllLines(dev);
        StringBuilder json = new StringBuilder();
        StringBuilder csv = new StringBuilder("label,body\n");
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split("\t", -1);
            json.append(MAPPER.createObjectNode().put("body", cells[0]).put("id", 7))
                    .append("\n");
            csv.append(cells[1]).append(",\"").append(cells[0]).append("\"\n");
        }
        List<JsonNode> all = new ArrayList<>();
        for (Path file : List.of(
                dev,
                Files.writeString(folder.resolve("d.jsonl"), json),
                Files.writeString(folder.resolve("d.csv"), csv))) {
            CommandLineRun run = CommandLineRun.of(
                    "predict", tuned, "--text", file, "--text-column", "body", "--batch-size", 7, "--json");
            assertThat(run.code()).as(run.err()).isZero();
            all.add(run.json().get("predictions"));
        }
        for (int i = 0; i < 30; i++) {
            for (JsonNode other : all) {
                assertThat(other.at("/" + i + "/predicted"))
                        .isEqualTo(all.get(0).at("/" + i + "/predicted"));
                assertThat(other.at("/" + i + "/probabilities/sails").asDouble())
                        .isCloseTo(
                                all.get(0).at("/" + i + "/probabilities/sails").asDouble(), within(1e-6));
            }
        }
    }

    @Test
    void aLabelledFile_andTheTask_haveTheScoresOfFineTuning() throws IOException {
        JsonNode result = MAPPER.readTree(tuned.resolveSibling("result.json").toFile());
        JsonNode best = result.at("/epochs/" + (result.get("best_epoch").asInt() - 1) + "/dev/dev");
        CommandLineRun file = CommandLineRun.of(
                "evaluate", tuned, "--text", dev, "--text-column", "body", "--label-column", "label", "--json");
        assertThat(file.code()).as(file.err()).isZero();
        List<Object> words = new ArrayList<>(List.of("evaluate", tuned, "--json"));
        words.addAll(ships.options());
        CommandLineRun task = CommandLineRun.of(words.toArray());
        assertThat(task.code()).as(task.err()).isZero();
        for (CommandLineRun run : List.of(file, task)) {
            JsonNode scores = run.json().get("scores");
            for (String score : List.of("accuracy", "macro_f1", "matthews_correlation")) {
                assertThat(scores.get(score)).as(score).isEqualTo(best.get(score));
            }
            assertThat(scores.get("loss").asDouble()).isCloseTo(best.get("loss").asDouble(), within(1e-5));
            assertThat(scores.get("predictions").asInt()).isEqualTo(30);
        }
        assertThat(task.json()
                        .at("/evaluation/splits/0/majority_baseline/accuracy")
                        .asDouble())
                .isBetween(0.6, 0.7);
        words.remove("--json");
        assertThat(CommandLineRun.of(words.toArray()).out())
                .contains("ships dev: 30 examples")
                .contains("accuracy  ");
    }

    @Test
    void otherNamesOfTheLabels_areTakenFromTheCommand() throws IOException {
        JsonNode named = predict("--labels", "go,stay", "--json").json();
        JsonNode own = predict("--json").json();
        assertThat(named.at("/predicted/go")).isEqualTo(own.at("/predicted/sails"));
        assertThat(named.at("/predictions/3/probabilities/stay"))
                .isEqualTo(own.at("/predictions/3/probabilities/waits"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --text none.tsv                   | none.tsv: no such file, expected the file of texts
            --text-column topic               | line 1: found no column topic, expected one of those there: body, label
            --text-pair-column body           | columns: found body for the text and for the second text
            --labels a                        | command line: --labels: found a, expected 2, one for each output of
            --labels a,a                      | command line: --labels: found a,a, expected names that differ
            --max-length 17                   | command line: --max-length: found 17, expected at most max_position_embeddings of
            --max-length 2                    | longest sequence: found 2 tokens, expected at least 3
            --max-length 0                    | command line: --max-length: found 0, expected a whole number of at least 1
            --batch-size 0                    | command line: --batch-size: found 0, expected a whole number of at least 1
            --out p.txt                       | command line: --out: found p.txt, expected a name that ends in .tsv or .jsonl
            --out no/p.tsv                    | no such folder, expected one that exists
            --device gpu:99                   | device: found gpu:99
            """)
    void whatCannotBePredicted_isRefused(String options, String message) {
        List<Object> words = new ArrayList<>(List.of("predict", tuned, "--text", dev, "--text-column", "body"));
        List<String> changed = Arrays.asList(options.split(" "));
        int at = words.indexOf(changed.get(0));
        if (at >= 0) {
            words.subList(at, at + 2).clear();
        }
        words.addAll(changed);
        CommandLineRun.of(words.toArray()).assertRefused(message);
    }

    @Test
    void whatIsNoClassifier_orNoText_orThereAlready_isRefused() throws IOException {
        List<Object> rest = List.of("--text", dev, "--text-column", "body");
        CommandLineRun.of(with("predict", run, rest))
                .assertRefused("classifier: found none, expected one, as norma finetune makes it");
        Path finetuning = tuned.getParent().getParent();
        CommandLineRun.of(with("predict", finetuning, rest))
                .assertRefused(finetuning + ": is the folder of a fine-tuning, expected its model " + tuned);
        CommandLineRun.of(with("predict", tuned.getParent(), rest))
                .assertRefused(tuned.getParent() + ": is the folder of one seed of a fine-tuning, expected its model "
                        + tuned);
        Path empty = Files.writeString(folder.resolve("e.tsv"), "body\n");
        CommandLineRun.of("predict", tuned, "--text", empty, "--text-column", "body")
                .assertRefused("e.tsv: found no texts, expected at least one");
        Path blank = Files.writeString(folder.resolve("b.tsv"), "body\tx\na\tb\n \tb\n");
        CommandLineRun.of("predict", tuned, "--text", blank, "--text-column", "body")
                .assertRefused("b.tsv: line 3, column body: found an empty text, expected a text");
        Path there = Files.writeString(folder.resolve("p.tsv"), "mine");
        CommandLineRun.of("predict", tuned, "--text", dev, "--text-column", "body", "--out", there)
                .assertRefused("p.tsv: exists already; --force replaces it");
        assertThat(there).hasContent("mine");
        predict("--out", there, "--force");
        assertThat(Files.readAllLines(there)).hasSize(31);
    }

    @Test
    void aFileWhoseLabelsAreOthers_orThatIsATaskToo_isRefused() throws IOException {
        Path other = Files.writeString(folder.resolve("o.tsv"), "body\tlabel\na\tsails\nb\tsinks\n");
        List<Object> words = List.of("evaluate", tuned, "--text", other, "--text-column", "body");
        CommandLineRun.of(with(words, List.of("--label-column", "label")))
                .assertRefused(
                        "o.tsv: line 3, column label: found \"sinks\", expected one of sails, waits, the labels of "
                                + tuned);
        CommandLineRun.of(words.toArray()).assertRefused("command line: --label-column: found none");
        CommandLineRun.of(with(words, List.of("--task", "wordnet")))
                .assertRefused("command line: --task: found wordnet, expected none beside --text");
        CommandLineRun.of("evaluate", tuned, "--task", "wordnet")
                .assertRefused("classifier: found 2 outputs, expected 45, which WordNet has");
        CommandLineRun.of("evaluate", tuned)
                .assertRefused(
                        "command line: --task: found none, expected a task's name, files of your own (--train and"
                                + " --dev), or a labelled file (--text)");
        CommandLineRun.of("evaluate", tuned, "--dev", other, "--text-column", "body", "--label-column", "label")
                .assertRefused(
                        "command line: --dev: found " + other + ", expected --train beside it; did you mean --text "
                                + other + ", which needs no training examples?");
    }

    @Test
    void aFileInTheWrongPlace_isPointedToText() {
        CommandLineRun stray = CommandLineRun.of("predict", tuned, dev, "--text-column", "body");
        stray.assertRefused("Missing required option: '--text=FILE'; did you mean --text " + dev + "?");
        CommandLineRun.of("predict", tuned, dev)
                .assertRefused("Missing required options: '--text=FILE', '--text-column=COLUMN'; did you mean --text "
                        + dev + "?");
        CommandLineRun.of("predict", tuned, "--dev", dev, "--text-column", "body")
                .assertRefused("Missing required option: '--text=FILE'; did you mean --text " + dev + "?");
        CommandLineRun.of("evaluate", tuned, dev, "--text-column", "body", "--label-column", "label")
                .assertRefused("'" + dev + "'; did you mean --text " + dev + "? (see norma evaluate --help)");
        CommandLineRun twice = CommandLineRun.of("predict", tuned, dev, "--text", dev, "--text-column", "body");
        twice.assertRefused("'" + dev + "' (see norma predict --help)");
        CommandLineRun.of("predict", tuned, "--text", dev, "--text-colum", "body")
                .assertRefused("Missing required option: '--text-column=COLUMN' (see norma predict --help)");
    }

    private static Object[] with(Object first, Path second, List<Object> rest) {
        return with(List.of(first, second), rest);
    }

    private static Object[] with(List<Object> words, List<Object> more) {
        List<Object> all = new ArrayList<>(words);
        all.addAll(more);
        return all.toArray();
    }
}
