package norma.datasets.files;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.config.DataConfig;
import norma.datasets.tokenizer.TokenizerConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class PathTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "a/\udc00.txt", "a\0b"})
    void whatCanNameNoFile_isRefusedByKey(String text) {
        assertThatThrownBy(() -> PathText.require("task", "train", text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("train: found ")
                .hasMessageContaining("expected a path (");
        assertThatThrownBy(() -> new TokenizerConfig("file", null, null, text, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("path: found ");
        assertThatThrownBy(() -> new DataConfig("text", List.of(text), null, null, null, null, null, null, null, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("paths: found ");
    }

    @Test
    void globsAndOtherScripts_areTaken() {
        assertThatCode(() -> PathText.require("task", "train", "b\u00fccher/*.txt"))
                .doesNotThrowAnyException();
        assertThatCode(() -> PathText.require("task", "train", null)).doesNotThrowAnyException();
    }
}
