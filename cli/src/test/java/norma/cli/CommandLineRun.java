package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.Terminal;

/** A command run inside the tests' process: its exit code and what it printed. */
public record CommandLineRun(int code, String out, String err) {
    public static CommandLineRun of(Object... arguments) {
        String[] words = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            words[i] = arguments[i].toString();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Norma.execute(words, new Terminal(out, err, false));
        return new CommandLineRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    public JsonNode json() throws IOException {
        return new ObjectMapper()
                .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readTree(out);
    }

    /** The input was found wrong, and said so in a sentence that holds these words. */
    public void assertRefused(String message) {
        assertThat(code).as(err).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(out).isEmpty();
        assertThat(err).contains("norma: ").contains(message).doesNotContain("\tat ", "Exception");
    }

    /** A configuration that trains for a second, with its text beside it. */
    public static Path tinyConfig(Path folder) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("The ").append(i % 7).append(" old ships of number ").append(i * i % 97);
            text.append(" sail to harbour ").append(i % 13).append(" at dawn.\n\n");
        }
        Path corpus = Files.writeString(folder.resolve("ships.txt"), text);
        return Files.writeString(folder.resolve("tiny.yaml"), """
                data: {corpus: text, paths: ["%s"], sequence_length: 16, validation_fraction: 0.2}
                tokenizer: {vocab_size: 200}
                model:
                  hidden_size: 16
                  num_hidden_layers: 2
                  num_attention_heads: 2
                  max_position_embeddings: 16
                training: {steps: 6, batch_size: 4}
                schedule: {warmup_steps: 2}
                logging: {every: 1}
                evaluation: {every: 3, examples: 8}
                checkpoints: {every: 3}
                """.formatted(corpus));
    }

    /**
     * A run that has trained so: {@code runs/a} of the folder, with checkpoints at the steps 0, 3 and 6.
     *
     * @param settings to train it with, such as {@code model.hidden_size=32}
     */
    public static Path tinyRun(Path folder, String... settings) throws IOException {
        Path runs = folder.resolve("runs");
        List<Object> words =
                new ArrayList<>(List.of("pretrain", tinyConfig(folder), "--runs", runs, "--run", "a", "--quiet"));
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        CommandLineRun run = of(words.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return runs.resolve("a");
    }

    /** A copy of a run's folder, to be damaged. */
    public static Path copy(Path run, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(run.relativize(file).toString()));
            }
        }
        return target;
    }
}
