package norma.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.model.ForwardObserver;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A published ONNX encoder against ONNX Runtime, and graphs that are no BERT. */
@Tag("engine")
class OnnxImportTest {
    private static final double AGREEMENT = 1e-4;
    private static final List<String> SENTENCES = List.of(
            "The ferry to the island leaves at seven.",
            "Rain.",
            "She had never seen the sea before, and now it lay in front of her like a sheet of hammered tin.",
            "Is there anybody here who can repair a grandfather clock?",
            "Prices rose by 3.7 % in March 2021, the largest increase since 1996.",
            "The cat knocked the vase off the shelf; nobody was surprised.",
            "Don't forget the milk!",
            "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen.",
            "Our train was late again",
            "Beethoven's ninth symphony was first performed in Vienna on 7 May 1824.",
            "A small café in São Paulo serves crème brûlée after midnight.",
            "He wrote \"return to sender\" on the envelope and dropped it into the red box.",
            "Two plus two is four, minus one that's three, quick maths.",
            "The court held that the contract, though signed, had never been validly concluded between the parties.",
            "Antidisestablishmentarianism is a word which few people ever need.",
            "Please send the report to j.smith@example.org by Friday, 5 p.m.",
            "On the plateau the wind blows without a pause, and the few trees that grow there lean towards the east, as"
                    + " if they had been listening for something for a hundred years.",
            "Goal! Three minutes into injury time the substitute scored with his left foot.",
            "Why do cats purr?",
            "The compiler reported an error on line 42: missing semicolon.");

    @TempDir
    Path folder;

    @Test
    void lastHiddenState_ofTwentySentencesWithPadding_equalsOnnxRuntimes() throws IOException, OrtException {
        Path jar = PublishedModel.require(PublishedModel.MINILM);
        Path imported = folder.resolve("minilm");
        ObjectNode record = ModelImport.run(jar, imported, ImportOptions.NONE, false);
        assertThat(record.get("tensors").asInt()).isEqualTo(5 + 6 * 16 + 2);

        Batch batch = batch(imported.resolve("tokenizer.json"));
        assertThat(batch.hasPadding()).isTrue();
        float[] ours;
        int hidden;
        try (PretrainedModel bert = PretrainedModel.open(imported, Device.cpu());
                BatchState state = bert.advance(batch, 0)) {
            ours = bert.lastHiddenState(state, ForwardObserver.NONE);
            hidden = bert.config().hiddenSize();
        }
        float[][][] theirs = onnxRuntime(jar, batch);
        double largest = 0;
        double norm = 0;
        for (int row = 0; row < batch.rows(); row++) {
            for (int at = 0; at < batch.lengths()[row]; at++) { // behind a row's end nothing is defined
                for (int d = 0; d < hidden; d++) {
                    float reference = theirs[row][at][d];
                    largest = Math.max(largest, Math.abs(reference - ours[(row * batch.length() + at) * hidden + d]));
                    norm = Math.max(norm, Math.abs(reference));
                }
            }
        }
        assertThat(norm).isGreaterThan(0.5);
        assertThat(largest).isLessThan(AGREEMENT);
    }

    @Test
    void graphsThatAreNoBert_areRefused() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        refused(model(), "word_embeddings");
        refused(model(node("CumSum", "x")), "CumSum", "RoBERTa");
        refused(model(node("MatMulInteger", "x", "y")), "MatMulInteger", "quantised");
        refused(model(node("DynamicQuantizeLinear", "x")), "DynamicQuantizeLinear");
        refused("not a protocol buffer at all".getBytes(java.nio.charset.StandardCharsets.UTF_8), "not an ONNX model");
    }

    @Test
    void oneEncoderOfSeveralInAFolder_canBeNamed() throws IOException {
        Files.write(folder.resolve("a.onnx"), model());
        Files.write(folder.resolve("b.onnx"), model());
        assertThatThrownBy(() -> ModelImport.run(folder, folder.resolve("out"), ImportOptions.NONE, false))
                .hasMessageContaining("a.onnx, b.onnx");
        assertThatThrownBy(() ->
                        ModelImport.run(folder.resolve("b.onnx"), folder.resolve("out"), ImportOptions.NONE, false))
                .hasMessageContainingAll("b.onnx", "word_embeddings");
    }

    private void refused(byte[] onnx, String... parts) throws IOException {
        Path file = Files.write(folder.resolve("model.onnx"), onnx);
        assertThatThrownBy(() -> ModelImport.run(file, folder.resolve("out"), ImportOptions.NONE, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(parts);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private static byte[] model(OnnxMl.NodeProto... nodes) {
        return OnnxMl.ModelProto.newBuilder()
                .setGraph(OnnxMl.GraphProto.newBuilder().addAllNode(Arrays.asList(nodes)))
                .build()
                .toByteArray();
    }

    private static OnnxMl.NodeProto node(String operator, String... inputs) {
        return OnnxMl.NodeProto.newBuilder()
                .setOpType(operator)
                .addAllInput(Arrays.asList(inputs))
                .addOutput("out")
                .build();
    }

    private static Batch batch(Path tokenizerFile) {
        try (Tokenizer tokenizer = Tokenizer.load(tokenizerFile)) {
            List<int[]> encoded = tokenizer.encode(SENTENCES);
            int rows = encoded.size();
            int length = encoded.stream().mapToInt(ids -> ids.length).max().orElseThrow() + 2;
            int[] ids = new int[rows * length];
            int[] lengths = new int[rows];
            Arrays.fill(ids, tokenizer.padId());
            for (int row = 0; row < rows; row++) {
                int[] words = encoded.get(row);
                ids[row * length] = tokenizer.clsId();
                System.arraycopy(words, 0, ids, row * length + 1, words.length);
                ids[row * length + 1 + words.length] = tokenizer.sepId();
                lengths[row] = words.length + 2;
            }
            return new Batch(rows, length, ids, new int[ids.length], lengths, new int[0], new int[0], null);
        }
    }

    private static float[][][] onnxRuntime(Path jar, Batch batch) throws IOException, OrtException {
        byte[] model;
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            model = zip.getInputStream(zip.getEntry("all-minilm-l6-v2.onnx")).readAllBytes();
        }
        long[] shape = {batch.rows(), batch.length()};
        long[] ids = Arrays.stream(batch.inputIds()).asLongStream().toArray();
        long[] mask = new long[ids.length];
        for (int row = 0; row < batch.rows(); row++) {
            Arrays.fill(mask, row * batch.length(), row * batch.length() + batch.lengths()[row], 1);
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(model);
                OnnxTensor input = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape);
                OnnxTensor attention = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape);
                OnnxTensor types = OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[ids.length]), shape);
                OrtSession.Result result =
                        session.run(Map.of("input_ids", input, "attention_mask", attention, "token_type_ids", types))) {
            return (float[][][]) result.get(0).getValue();
        }
    }
}
