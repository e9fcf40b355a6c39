package norma.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** A made-up task of two classes in files: whether the ships of a row sail, which a third of them do. */
public record ShipsTask(Path folder) {
    /** Writes it. */
    public static ShipsTask in(Path folder) throws IOException {
        ShipsTask task = new ShipsTask(folder);
        tsv(task.train(), "label\tbody", 120, i -> label(i) + "\t" + body(i));
        tsv(folder.resolve("dev.tsv"), "body\tlabel", 30, i -> body(i + 200) + "\t" + label(i + 200));
        return task;
    }

    /** A header and so many rows. */
    public static Path tsv(Path file, String header, int rows, IntFunction<String> row) throws IOException {
        StringBuilder text = new StringBuilder(header).append('\n');
        for (int i = 0; i < rows; i++) {
            text.append(row.apply(i)).append('\n');
        }
        return Files.writeString(file, text);
    }

    private static String label(int i) {
        return i % 3 == 0 ? "sails" : "waits";
    }

    private static String body(int i) {
        return "The " + i % 7 + " old ships " + (i % 3 == 0 ? "sail" : "dawn") + " to " + i * i % 97;
    }

    public Path train() {
        return folder.resolve("train.tsv");
    }

    /** The options that name it. */
    public List<Object> options() {
        return List.of(
                "--name",
                "ships",
                "--train",
                train(),
                "--dev",
                folder.resolve("dev.tsv"),
                "--text-column",
                "body",
                "--label-column",
                "label");
    }

    /** Fine-tuning on it, with options beyond what it needs. */
    public List<Object> finetune(Path checkpoint, Path runs, Object... more) {
        List<Object> words = new ArrayList<>(List.of("finetune", checkpoint));
        words.addAll(options());
        words.addAll(List.of("--runs", runs, "--batch-size", 8, "--learning-rate", 0.01, "--max-length", 16));
        words.addAll(List.of(more));
        return words;
    }
}
