package norma.trainer.serving;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.reference.ReferenceFolder;

/** The reference BERT with a tokenizer that spells words letter by letter, as a checkpoint folder. */
public final class LetterCheckpoint {
    private LetterCheckpoint() {}

    /** Makes it inside a folder. */
    public static Path in(Path folder) throws IOException {
        return in(folder, "bert");
    }

    /** The same of another reference model. */
    static Path in(Path folder, String fixture) throws IOException {
        ReferenceFolder golden = GoldenFixture.of(fixture);
        Path checkpoint = Files.createDirectory(folder.resolve("letters"));
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(golden.folder().resolve(name), checkpoint.resolve(name));
        }
        List<String> vocabulary = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ","));
        for (char letter = 'a'; letter <= 'z'; letter++) {
            vocabulary.add(String.valueOf(letter));
            vocabulary.add("##" + letter);
        }
        Path words = Files.write(folder.resolve("vocab.txt"), vocabulary);
        try (Tokenizer tokenizer = Tokenizer.load(words)) {
            tokenizer.save(checkpoint.resolve("tokenizer.json"));
        }
        return checkpoint;
    }
}
