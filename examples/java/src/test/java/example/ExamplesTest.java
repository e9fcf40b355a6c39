package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The three programs, one after the other on a small run. */
@Tag("run")
class ExamplesTest {
    private static final String CONFIG = """
            data: {corpus: text, paths: [%s], documents: line, sequence_length: 16, validation_fraction: 0.2}
            tokenizer: {vocab_size: 60}
            model: {hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 32, max_position_embeddings: 16}
            training: {batch_size: 4}
            schedule: {warmup_steps: 20}
            """;

    private static List<String> printed(Executable program) throws Throwable {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            program.execute();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void trainedRun_isReadAndAblated(@TempDir Path folder) throws Throwable {
        String lines = IntStream.range(0, 80)
                .mapToObj(line -> "the cat sat on mat " + line % 9 + " and the dog ran to sea " + line % 7 + "\n")
                .collect(Collectors.joining());
        Path text = Files.writeString(folder.resolve("text.txt"), lines);
        Path config = Files.writeString(folder.resolve("tiny.yaml"), CONFIG.formatted(text));
        String run = folder.resolve("runs/tiny").toString();

        List<String> training = printed(() ->
                TrainFromJava.main(new String[] {config.toString(), folder.resolve("runs").toString(), "tiny"}));
        assertTrue(training.get(0).matches("step 0: validation loss [34]\\.\\d{3}"), training.toString());
        assertTrue(training.get(2).startsWith("step 200: validation loss "), training.toString());
        assertEquals(3 + 6, training.size(), training.toString()); // 1 + 2 sites of 2 layers, and the head

        List<String> recording = printed(() -> ReadRecording.main(new String[] {run, "layer.1.output", "3"}));
        assertEquals("step 0: weight 1.0000, z = 0.00", recording.get(0));
        assertTrue(recording.get(4).startsWith("step 200: weight "), recording.toString());

        List<String> ablation = printed(() -> AblateDimension.main(new String[] {run, "3"}));
        assertEquals(1, ablation.size(), ablation.toString());
        assertTrue(
                ablation.get(0).matches("loss \\d\\.\\d{4}, without dimension 3 \\d\\.\\d{4}: [+-]\\d\\.\\d{4} nats"),
                ablation.toString());
    }
}
