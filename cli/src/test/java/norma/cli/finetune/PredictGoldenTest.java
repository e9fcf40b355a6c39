package norma.cli.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Predictions and scores of Hugging Face's BertForSequenceClassification: from texts that the tokenizer turns into the
 * reference inputs come the reference logits.
 */
@Tag("engine")
class PredictGoldenTest {
    private static final int CLS = 2;
    private static final int SEP = 3;

    @TempDir
    private Path folder;

    /** The reference model of that name with a word for each of its ids. */
    private Path checkpoint(String name) throws IOException {
        Path golden = GoldenFixture.root().resolve("bert-classification").resolve(name);
        Path checkpoint = Files.createDirectory(folder.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(golden.resolve(file), checkpoint.resolve(file));
        }
        List<String> vocabulary = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        for (int id = vocabulary.size(); id < 101; id++) {
            vocabulary.add("w" + id);
        }
        Path words = Files.write(folder.resolve("vocab.txt"), vocabulary);
        try (Tokenizer tokenizer = Tokenizer.load(words)) {
            tokenizer.save(checkpoint.resolve("tokenizer.json"));
        }
        return checkpoint;
    }

    private static SafetensorsFile reference(String name) throws IOException {
        return SafetensorsFile.open(GoldenFixture.root()
                .resolve("bert-classification")
                .resolve(name)
                .resolve("io.safetensors"));
    }

    /** Ids up to a separator as words, from a position on. */
    private static List<String> words(long[] ids, int from) {
        List<String> words = new ArrayList<>();
        for (int i = from; ids[i] != SEP; i++) {
            words.add("w" + ids[i]);
        }
        return words;
    }

    /** The reference inputs as a file of texts. */
    private Path texts(SafetensorsFile reference, List<String> labels) throws IOException {
        long[] ids = reference.readLongs("input.input_ids");
        StringBuilder rows = new StringBuilder("gold\ta\tb\n");
        for (int row = 0; row < 3; row++) {
            long[] one = Arrays.copyOfRange(ids, row * 12, (row + 1) * 12);
            assertThat(one[0]).isEqualTo(CLS);
            List<String> first = words(one, 1);
            List<String> second = words(one, 2 + first.size());
            rows.append(labels.get(row)).append('\t').append(String.join(" ", first));
            rows.append('\t').append(String.join(" ", second)).append('\n');
        }
        return Files.writeString(folder.resolve("texts.tsv"), rows);
    }

    @Test
    void classes_haveTheSoftmaxOfTheReferenceLogits_andTheirLossIsTheReferences() throws IOException {
        SafetensorsFile reference = reference("classification");
        long[] gold = reference.readLongs("input.labels");
        List<String> labels = Arrays.stream(gold).mapToObj(i -> "LABEL_" + i).toList();
        Path model = checkpoint("classification");
        Path texts = texts(reference, labels);
        JsonNode predicted = json("predict", model, "--text", texts, "--text-column", "a", "--text-pair-column", "b");
        float[] logits = reference.read("logits").values();
        int right = 0;
        double loss = 0;
        for (int row = 0; row < 3; row++) {
            double sum = Math.exp(logits[3 * row]) + Math.exp(logits[3 * row + 1]) + Math.exp(logits[3 * row + 2]);
            JsonNode one = predicted.at("/predictions/" + row);
            assertThat(one.get("line").asInt()).isEqualTo(row + 2);
            int largest = 0;
            for (int k = 0; k < 3; k++) {
                assertThat(one.at("/probabilities/LABEL_" + k).asDouble())
                        .isCloseTo(Math.exp(logits[3 * row + k]) / sum, within(1e-6));
                largest = logits[3 * row + k] > logits[3 * row + largest] ? k : largest;
            }
            assertThat(one.get("predicted").asText()).isEqualTo("LABEL_" + largest);
            right += largest == gold[row] ? 1 : 0;
            loss -= Math.log(Math.exp(logits[3 * row + (int) gold[row]]) / sum) / 3;
        }
        JsonNode scores = json(
                        "evaluate",
                        model,
                        "--text",
                        texts,
                        "--text-column",
                        "a",
                        "--text-pair-column",
                        "b",
                        "--label-column",
                        "gold")
                .get("scores");
        assertThat(scores.get("accuracy").asDouble()).isEqualTo(right / 3.0);
        assertThat(scores.get("loss").asDouble()).isCloseTo(loss, within(1e-6));
        assertThat(scores.get("loss").asDouble()).isCloseTo(expectedLoss("classification"), within(1e-6));
    }

    @Test
    void aNumber_isTheReferenceLogit() throws IOException {
        SafetensorsFile reference = reference("regression");
        float[] gold = reference.read("input.labels").values();
        Path model = checkpoint("regression");
        Path texts =
                texts(reference, List.of(Float.toString(gold[0]), Float.toString(gold[1]), Float.toString(gold[2])));
        JsonNode predicted = json("predict", model, "--text", texts, "--text-column", "a", "--text-pair-column", "b");
        float[] logits = reference.read("logits").values();
        for (int row = 0; row < 3; row++) {
            JsonNode one = predicted.at("/predictions/" + row);
            assertThat(one.get("predicted").asDouble()).isCloseTo(logits[row], within(1e-6));
            assertThat(one.has("probabilities")).isFalse();
        }
        JsonNode scores = json(
                        "evaluate",
                        model,
                        "--text",
                        texts,
                        "--text-column",
                        "a",
                        "--text-pair-column",
                        "b",
                        "--label-column",
                        "gold")
                .get("scores");
        assertThat(scores.get("mean_squared_error").asDouble()).isCloseTo(expectedLoss("regression"), within(1e-5));
    }

    private static double expectedLoss(String name) throws IOException {
        Path golden = GoldenFixture.root().resolve("bert-classification").resolve(name);
        return norma.datasets.json.JsonFile.read(golden.resolve("expected.json"))
                .object("loss")
                .number("total");
    }

    private static JsonNode json(Object... words) throws IOException {
        List<Object> all = new ArrayList<>(List.of(words));
        all.add("--json");
        CommandLineRun run = CommandLineRun.of(all.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return run.json();
    }
}
