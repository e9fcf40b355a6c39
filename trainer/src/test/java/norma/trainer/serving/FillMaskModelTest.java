package norma.trainer.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.translate.TranslateException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.MaskedText;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.Upload;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.TokenProbability;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class FillMaskModelTest {
    @TempDir
    private Path folder;

    private Path checkpoint;
    private int vocabulary;
    private int positions;

    @BeforeEach
    void copy() throws IOException {
        checkpoint = LetterCheckpoint.in(folder);
        JsonNode config = GoldenFixture.of("bert").config();
        vocabulary = config.get("vocab_size").asInt();
        positions = config.get("max_position_embeddings").asInt();
    }

    @Test
    void itsBlock_givesTheReferencesLogits() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        try (FillMaskModel model = FillMaskModel.open(checkpoint, Device.cpu(), 5);
                NDManager scope = model.getNDManager().newSubManager();
                SafetensorsFile io = golden.io()) {
            Batch batch = golden.batch();
            DeviceBatch arrays = new DeviceBatch(Upload.to(scope), scope, batch);
            NDList inputs = new NDList(
                    arrays.inputIds(),
                    arrays.tokenTypeIds(),
                    arrays.attentionMask().toType(DataType.INT64, false));
            NDArray logits = model.getBlock()
                    .forward(new ParameterStore(scope, false), inputs, false)
                    .get(0);
            float[] ours = logits.toFloatArray();
            float[] theirs = io.read("prediction_logits").values();
            assertThat(ours).hasSameSizeAs(theirs);
            for (int i = 0; i < ours.length; i++) {
                assertThat((double) ours[i]).isCloseTo(theirs[i], within(2e-5));
            }
        }
    }

    @Test
    void anIdOutsideATable_isRefusedBeforeTheModelReadsIt() throws IOException {
        try (FillMaskModel model = FillMaskModel.open(checkpoint, Device.cpu(), 5);
                NDManager scope = model.getNDManager().newSubManager()) {
            NDArray good = scope.create(new long[] {1, 2}, new Shape(1, 2));
            NDArray beyond = scope.create(new long[] {1, vocabulary}, new Shape(1, 2));
            NDArray types = scope.create(new long[] {0, 2}, new Shape(1, 2));
            ParameterStore store = new ParameterStore(scope, false);
            assertThatThrownBy(() -> model.getBlock().forward(store, new NDList(beyond), false))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("input: token id: found " + vocabulary);
            assertThatThrownBy(() -> model.getBlock().forward(store, new NDList(good, types), false))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("input: token type: found 2");
        }
    }

    @Test
    void aPrediction_isTheSoftmaxOfTheLogitsAtTheMask_likeliestFirst() throws Exception {
        String text = "a ship [MASK] to sea.";
        try (FillMaskModel model = FillMaskModel.open(checkpoint, Device.cpu(), vocabulary);
                Predictor<String, Classifications> predictor = model.newPredictor();
                PretrainedModel bert = PretrainedModel.open(checkpoint, Device.cpu());
                Tokenizer tokenizer = Tokenizer.load(checkpoint.resolve("tokenizer.json"))) {
            MaskedText masked = MaskedText.of(tokenizer, SequenceFormat.BERT, text, 64);
            int s = masked.ids().length;
            Batch batch =
                    new Batch(1, s, masked.ids(), new int[s], new int[] {s}, masked.blanks(), new int[] {0}, null);
            double[] exponentials;
            try (BatchState state = bert.advance(batch, 0)) {
                float[] logits = bert.predictedLogits(state);
                exponentials = IntStream.range(0, logits.length)
                        .mapToDouble(i -> Math.exp(logits[i]))
                        .toArray();
            }
            double sum = java.util.Arrays.stream(exponentials).sum();
            Classifications answer = predictor.predict(text);
            assertThat(answer.getProbabilities()).hasSize(vocabulary);
            assertThat(answer.getProbabilities().stream().mapToDouble(p -> p).sum())
                    .isCloseTo(1, within(1e-12));
            assertThat(answer.getProbabilities()).isSortedAccordingTo((a, b) -> Double.compare(b, a));
            for (int i = 0; i < vocabulary; i++) {
                String token = answer.getClassNames().get(i);
                int id = token.startsWith("#") && !token.startsWith("##")
                        ? Integer.parseInt(token.substring(1))
                        : IntStream.range(0, tokenizer.vocabularySize())
                                .filter(at -> tokenizer.token(at).equals(token))
                                .findFirst()
                                .orElseThrow();
                assertThat(answer.getProbabilities().get(i)).isCloseTo(exponentials[id] / sum, within(1e-6));
            }
        }
    }

    @Test
    void over200Predictions_noArrayStaysBehind() throws Exception {
        try (FillMaskModel model = FillMaskModel.open(checkpoint, Device.cpu(), 5);
                Predictor<String, Classifications> predictor = model.newPredictor()) {
            int after10 = 0;
            for (int i = 1; i <= 200; i++) {
                predictor.predict("ship " + "a ".repeat(i % 7) + "[MASK].");
                if (i == 10) {
                    after10 = model.getNDManager().getManagedArrays().size();
                }
            }
            assertThat(after10).isPositive();
            assertThat(model.getNDManager().getManagedArrays()).hasSize(after10);
        }
    }

    @Test
    void predictorsOnSeveralThreads_answerAsOneDoes() throws Exception {
        List<String> texts = IntStream.range(0, 40)
                .mapToObj(i -> "ship " + "b ".repeat(i % 5) + "[MASK] sea.")
                .toList();
        try (FillMaskModel model = FillMaskModel.open(checkpoint, Device.cpu(), 5)) {
            List<String> alone = answers(model, texts);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Future<List<String>>> together = new ArrayList<>();
                for (int thread = 0; thread < 4; thread++) {
                    together.add(threads.submit(() -> answers(model, texts)));
                }
                for (Future<List<String>> one : together) {
                    assertThat(one.get()).isEqualTo(alone);
                }
            } finally {
                threads.shutdown();
            }
        }
    }

    @Test
    void aTextWithoutOneMask_isRefused_andTheNextIsAnswered() throws Exception {
        try (FillMaskModel model = FillMaskModel.open(checkpoint, Device.cpu(), 5);
                Predictor<String, Classifications> predictor = model.newPredictor()) {
            assertThatThrownBy(() -> predictor.predict("a ship"))
                    .isInstanceOf(TranslateException.class)
                    .hasRootCauseInstanceOf(InvalidInputException.class)
                    .hasRootCauseMessage("text: \"a ship\": found no blank, expected [MASK] where a word is missing");
            assertThatThrownBy(() -> predictor.predict("[MASK] [MASK]"))
                    .hasRootCauseMessage("text: [MASK]: found 2 of them, expected one");
            assertThatThrownBy(() -> predictor.predict("a ".repeat(positions) + "[MASK]"))
                    .hasRootCauseInstanceOf(InvalidInputException.class);
            assertThat(predictor.predict("a [MASK]").items()).hasSize(5);
        }
    }

    @Test
    void aFolderThatCannotFillMasks_isRefused() throws IOException {
        for (int count : new int[] {0, -1, vocabulary + 1}) {
            assertThatThrownBy(() -> FillMaskModel.open(checkpoint, Device.cpu(), count))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("count: found " + count + ", expected 1 to " + vocabulary + ", the vocabulary's size");
        }
        Map<String, HostTensor> weights = GoldenFixture.of("bert").weights();
        assertThat(weights.keySet().removeIf(name -> name.startsWith("cls."))).isTrue();
        Files.delete(checkpoint.resolve("model.safetensors"));
        SafetensorsWriter.write(checkpoint.resolve("model.safetensors"), weights, Map.of());
        assertThatThrownBy(() -> FillMaskModel.open(checkpoint, Device.cpu(), 5))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("language-model head: found none, expected one, to fill masks with");
        Files.delete(checkpoint.resolve("tokenizer.json"));
        assertThatThrownBy(() -> FillMaskModel.open(checkpoint, Device.cpu(), 5))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tokenizer.json: no such file");
    }

    @Test
    void theLikeliestTokens_areInOrder_andOfEqualOnesTheLowerIdsAreFirst() {
        float[] logits = {9, 9, 9, 1, 3, 2, 3, 3};
        try (Tokenizer tokenizer = Tokenizer.load(checkpoint.resolve("tokenizer.json"))) {
            List<TokenProbability> top = TokenProbability.top(logits, 1, 4, 3, tokenizer);
            assertThat(top).extracting(TokenProbability::id).containsExactly(0, 2, 3);
            double sum = 3 + Math.exp(-1); // over (3, 2, 3, 3) behind their largest
            assertThat(top).extracting(TokenProbability::probability).allSatisfy(p -> assertThat(p)
                    .isCloseTo(1 / sum, within(1e-12)));
        }
    }

    private static List<String> answers(FillMaskModel model, List<String> texts) throws TranslateException {
        List<String> answers = new ArrayList<>();
        try (Predictor<String, Classifications> predictor = model.newPredictor()) {
            for (String text : texts) {
                Classifications answer = predictor.predict(text);
                answers.add(answer.getClassNames() + " " + answer.getProbabilities());
            }
        }
        return answers;
    }
}
