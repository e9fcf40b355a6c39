package norma.probes.fill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.tokenizer.Tokenizer;

/** A tokenizer that spells words letter by letter, for the fixtures' 101 tokens. */
final class LetterTokenizer {
    private LetterTokenizer() {}

    static Tokenizer in(Path folder) throws IOException {
        List<String> vocabulary = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "."));
        for (char letter = 'a'; letter <= 'z'; letter++) {
            vocabulary.add(String.valueOf(letter));
            vocabulary.add("##" + letter);
        }
        return Tokenizer.load(Files.write(folder.resolve("vocab.txt"), vocabulary));
    }
}
