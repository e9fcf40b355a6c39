package norma.datasets.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class DataConfigTest {
    private static DataConfig with(String corpus, List<String> paths, Double fraction, Integer length, Double mask) {
        return new DataConfig(corpus, paths, null, null, fraction, length, null, null, mask, null);
    }

    @Test
    void nothingSaid_isWordNetWithBertsNumbers() {
        DataConfig config = with(null, null, null, null, null);
        assertThat(config)
                .isEqualTo(new DataConfig(
                        "wordnet", List.of(), "text", "paragraph", 0.02, 128, "full", "mlm", 0.15, false));
    }

    @Test
    void wrongValues_areQuotedWithTheRule() {
        refused(() -> with("wiki", null, null, null, null), "data: corpus: found wiki, expected wordnet, text, jsonl");
        refused(() -> with("text", null, null, null, null), "data: paths: found [], expected at least one file");
        refused(() -> with("wordnet", List.of("a"), null, null, null), "data: paths: found [a], expected none");
        refused(() -> with("text", Arrays.asList("a", null), null, null, null), "data: paths: found [a, null]");
        refused(() -> with(null, null, 1.0, null, null), "data: validation_fraction: found 1.0");
        refused(() -> with(null, null, Double.NaN, null, null), "data: validation_fraction: found NaN");
        refused(() -> with(null, null, null, 4, null), "data: sequence_length: found 4");
        refused(() -> with(null, null, null, null, 0.0), "data: mask_probability: found 0.0");
        refused(
                () -> new DataConfig(null, null, null, null, null, null, "sentence", "mlm+nsp", null, null),
                "data: packing: found sentence, expected full");
    }

    private static void refused(Runnable making, String message) {
        assertThatThrownBy(making::run)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }
}
