package norma.trainer.model;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.SequenceFormat;
import norma.trainer.config.RunConfigYaml;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class InputTablesTest {
    private static InputTables tables(String modelType) {
        String yaml = """
                model: {model_type: %s, vocab_size: 10, type_vocab_size: 1, max_position_embeddings: %d}
                data: {sequence_length: 8}
                """.formatted(modelType, modelType.equals("bert") ? 8 : 10);
        ModelConfig config =
                RunConfigYaml.parse(yaml, "test", java.util.List.of()).model();
        return new InputTables("models/m", config);
    }

    /** A row of tokens, one of which is predicted. */
    private static Batch batch(int length, int id, int type, int label) {
        int[] ids = new int[length];
        int[] types = new int[length];
        ids[length - 1] = id;
        types[length - 1] = type;
        return new Batch(1, length, ids, types, new int[] {length}, new int[] {0}, new int[] {label}, null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "8 | 9  | 0  | 9  | ''",
                "8 | 0  | 0  | 0  | ''",
                "9 | 0  | 0  | 0  | e.tsv: sequence length: found 9, expected at most max_position_embeddings of models/m (8)",
                "8 | 10 | 0  | 0  | e.tsv: token id: found 10, expected 0 to 9, for vocab_size of models/m is 10",
                "8 | -1 | 0  | 0  | e.tsv: token id: found -1, expected 0 to 9, for vocab_size of models/m is 10",
                "8 | 0  | 1  | 0  | e.tsv: token type: found 1, expected 0 to 0, for type_vocab_size of models/m is 1",
                "8 | 0  | -1 | 0  | e.tsv: token type: found -1, expected 0 to 0, for type_vocab_size of models/m is 1",
                "8 | 0  | 0  | 10 | e.tsv: label: found 10, expected 0 to 9, for vocab_size of models/m is 10",
                "8 | 0  | 0  | -1 | e.tsv: label: found -1, expected 0 to 9, for vocab_size of models/m is 10"
            })
    void whatHasNoRow_isRefused_andTheLastRowIsNot(int length, int id, int type, int label, String message) {
        for (String modelType : new String[] {"bert", "roberta"}) {
            Batch batch = batch(length, id, type, label);
            if (message.isEmpty()) {
                assertThatCode(() -> tables(modelType).require("e.tsv", batch)).doesNotThrowAnyException();
            } else {
                assertThatThrownBy(() -> tables(modelType).require("e.tsv", batch))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessage(message);
            }
        }
    }

    @Test
    void pairsNeedASecondTokenType_whereTheFormatHasOne() {
        assertThatThrownBy(() -> tables("bert").requirePairs("RTE", SequenceFormat.BERT))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("models/m/config.json: type_vocab_size: found 1, expected at least 2, for RTE has pairs of"
                        + " texts");
        assertThatCode(() -> tables("roberta").requirePairs("RTE", SequenceFormat.ROBERTA))
                .doesNotThrowAnyException();
    }

    @Test
    void aTokenizerWithMoreTokensThanEmbeddings_isRefused() {
        assertThatCode(() -> tables("bert").requireVocabulary("t.json", 10)).doesNotThrowAnyException();
        assertThatThrownBy(() -> tables("bert").requireVocabulary("t.json", 11))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("t.json: vocabulary: found 11 tokens, expected at most vocab_size of models/m (10)");
    }
}
