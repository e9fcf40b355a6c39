package norma.datasets.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids are line numbers from 0 on, as Hugging Face's {@code load_vocab} gives them; its files come from everywhere. */
@Tag("engine")
class VocabTxtTest {
    @TempDir
    private Path folder;

    @Test
    void blankLine_holdsAnId_thatNoTextReaches() {
        assertIds("[PAD]\n[UNK]\n\n\nriver\n", "river", 4);
        assertIds("[PAD]\n[UNK]\n\n\nriver\n", "[blank line 3] blank", 1, 1, 1, 1, 1, 1);
    }

    @Test
    void ofATokenThatStandsTwice_theLastLineCounts() {
        assertIds("[PAD]\n[UNK]\nriver\nstone\nriver\ncloud\nriver\n", "river cloud stone", 6, 5, 3);
    }

    @Test
    void blankLinesAtTheEnd_areTokensToo() {
        try (Tokenizer tokenizer = load("[PAD]\n[UNK]\nriver\n\n\n".getBytes(StandardCharsets.UTF_8))) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(5);
        }
    }

    @Test
    void byteOrderMark_andEveryKindOfLineEnd_makeNoDifference() {
        assertIds("\ufeff[PAD]\n[UNK]\nriver\nstone", "stone [PAD]", 3, 0);
        assertIds("[PAD]\r\n[UNK]\r\nriver\r\nstone\r\n", "stone river", 3, 2);
        assertIds("[PAD]\r[UNK]\rriver\rstone\r", "stone river", 3, 2);
        assertIds("\ufeff[PAD]\r\n[UNK]\r\n\r\nriver\r\n", "river", 3);
    }

    @Test
    void addedTokens_comeBehindTheLines_notBehindTheDifferentTokens() throws IOException {
        // Hugging Face counts the different tokens, and gives this one the id of the last line.
        Files.writeString(folder.resolve("added_tokens.json"), "{\"[ENT]\": 5}");
        assertIds("[PAD]\n[UNK]\nriver\nriver\nstone\n", "[ENT] stone river", 5, 4, 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version https://git-lfs.github.com/spec/v1\\noid sha256:4d7a\\nsize 231508\\n | is a Git LFS pointer",
                "<!DOCTYPE html>\\n<html><body>404</body></html>                              | is an HTML page",
                "\\n <HTML>\\n<title>Sign in</title>                                          | is an HTML page",
                "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>              | is XML",
                "Entry not found                                                              | is a server's answer",
                "404: Not Found                                                               | is a server's answer",
                "{\"[PAD]\": 0, \"[UNK]\": 1}                                                 | is JSON",
                "[\"[PAD]\", \"[UNK]\"]                                                       | is JSON",
                "\\n\\n                                                                       | has no token"
            })
    void whatIsNoVocabulary_isNamedForWhatItIs(String content, String message) {
        assertThatThrownBy(() -> load(content.replace("\\n", "\n").getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("vocab.txt: " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[PAD]\n[UNK]\n{\n}\n", "{\n[UNK]\n}\n[PAD]\n", "[\n]\n[UNK]\n"})
    void bracketsAmongTheTokens_areNoJson(String text) {
        load(text.getBytes(StandardCharsets.UTF_8)).close();
    }

    @Test
    void otherEncodings_areNamed() {
        assertThatThrownBy(() -> load("[PAD]\n[UNK]\n".getBytes(StandardCharsets.UTF_16)))
                .hasMessageContaining("vocab.txt: is text in UTF-16");
        assertThatThrownBy(() -> load("[PAD]\n[UNK]\nsch\u00f6n\n".getBytes(StandardCharsets.ISO_8859_1)))
                .hasMessageContaining("vocab.txt: line 3: the byte 0xf6");
    }

    private void assertIds(String vocabulary, String text, int... ids) {
        try (Tokenizer tokenizer = load(vocabulary.getBytes(StandardCharsets.UTF_8))) {
            assertThat(tokenizer.encode(List.of(text)).get(0)).containsExactly(ids);
        }
    }

    private Tokenizer load(byte[] vocabulary) {
        try {
            return Tokenizer.load(Files.write(folder.resolve("vocab.txt"), vocabulary));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
