package norma.datasets.tokens;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.Samples;
import norma.datasets.base.Progress;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.TokenizerConfig;

/** Prepares data in a process of its own, which may be killed on the way. */
final class Child {
    private Child() {}

    static Process start(List<String> options, List<String> arguments, Path log) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    public static void main(String[] arguments) throws IOException {
        boolean halt = arguments[0].equals("halt");
        Progress progress = (stage, done, total, unit) -> {
            if (halt && stage.equals("tokenizing")) {
                Runtime.getRuntime().halt(9); // as abruptly as kill -9
            }
        };
        long start = System.nanoTime();
        TokenizerConfig tokenizer = new TokenizerConfig("file", null, null, arguments[2], null);
        try (PretrainingData data = PretrainingData.prepare(
                Samples.data(Path.of(arguments[1]), arguments[4], "mlm", 16),
                tokenizer,
                SequenceFormat.BERT,
                1,
                Path.of(arguments[3]),
                progress)) {
            System.out.printf(
                    "%,d tokens in %.1f s, peak resident memory %s%n",
                    data.trainingTokens(), (System.nanoTime() - start) / 1e9, peak());
        }
    }

    private static String peak() throws IOException {
        Path status = Path.of("/proc/self/status");
        return !Files.exists(status)
                ? "unknown"
                : Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmHWM"))
                        .findFirst()
                        .orElse("unknown");
    }
}
