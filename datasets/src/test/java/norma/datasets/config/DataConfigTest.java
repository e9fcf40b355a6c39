package norma.datasets.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.corpus.SentenceRule;
import norma.datasets.objectives.CausalLm;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.MaskedLmWithNextSentence;
import norma.datasets.objectives.Objective;
import norma.datasets.objectives.PermutationLm;
import norma.datasets.tokens.SentenceMarks;
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

    private static DataConfig documents(String corpus, String documents) {
        List<String> paths = corpus.equals("wordnet") ? null : List.of("a");
        return new DataConfig(corpus, paths, null, documents, null, null, null, null, null, null);
    }

    @Test
    void unitOfADocument_isRefusedWhereTheCorpusHasItsOwn() {
        for (String unit : List.of("paragraph", "file", "line", "sentence-per-line")) {
            assertThat(documents("text", unit).documents()).isEqualTo(unit);
        }
        assertThat(documents("jsonl", "sentence-per-line").toCorpus().sentences())
                .isEqualTo(SentenceRule.LINES);
        assertThat(documents("jsonl", null).toCorpus().sentences()).isEqualTo(SentenceRule.PUNCTUATION);
        refused(
                () -> documents("text", "sentence"),
                "data: documents: found sentence, expected paragraph, file, line, sentence-per-line");
        refused(
                () -> documents("parquet", "line"),
                "data: documents: found line, expected sentence-per-line or nothing, because corpus parquet has documents of"
                        + " its own");
        refused(
                () -> documents("wordnet", "sentence-per-line"),
                "data: documents: found sentence-per-line, expected nothing, because corpus wordnet has documents of its own");
    }

    private static DataConfig learning(String objective, String packing, Double mask, Boolean wholeWords) {
        return new DataConfig(null, null, null, null, null, null, packing, objective, mask, wholeWords);
    }

    @Test
    void anObjective_refusesWhatDoesNotGoWithIt() {
        refused(() -> learning("nsp", null, null, null), "data: objective: found nsp, expected mlm, mlm+nsp, clm");
        refused(
                () -> learning("mlm", "half", null, null),
                "data: packing: found half, expected full, separated-sentences, sentence, sentence-parts");
        refused(
                () -> learning("clm", "sentence", null, null),
                "data: packing: found sentence, expected full, because objective clm reads running text");
        refused(
                () -> learning("clm", null, 0.2, null),
                "data: mask_probability: found 0.2, expected none, because objective clm hides no tokens");
        refused(
                () -> learning("clm", null, null, true),
                "data: whole_word_masking: found true, expected none, because objective clm hides no tokens");
        refused(
                () -> learning("plm", null, 0.2, null),
                "data: mask_probability: found 0.2, expected none, because objective plm predicts spans of a sixth of the"
                        + " tokens");
        refused(
                () -> learning("plm", null, null, true),
                "data: whole_word_masking: found true, expected none, because objective plm predicts spans of a sixth of"
                        + " the tokens");
    }

    @Test
    void anObjective_isMadeOfItsKeyAndOptions() {
        assertThat(learning("mlm", "sentence", 0.2, true).toObjective()).isEqualTo(new MaskedLm(0.2, true));
        assertThat(learning("mlm", "sentence", null, null).sentenceMarks()).isEqualTo(SentenceMarks.PLACES);
        assertThat(learning("mlm", null, null, null).sentenceMarks()).isEqualTo(SentenceMarks.NONE);
        assertThat(learning("clm", "separated-sentences", null, null).sentenceMarks())
                .isEqualTo(SentenceMarks.SEPARATORS);
        assertThat(learning("mlm+nsp", null, null, null).toObjective())
                .isEqualTo(new MaskedLmWithNextSentence(new MaskedLm(0.15, false)));
        assertThat(learning("mlm+nsp", null, null, null).sentenceMarks()).isEqualTo(SentenceMarks.PLACES);
        assertThat(learning("clm", null, null, false).toObjective()).isEqualTo(new CausalLm());
        assertThat(learning("plm", null, null, false).toObjective()).isEqualTo(new PermutationLm());
        for (String key : Objective.keys()) {
            assertThat(learning(key, null, null, null).toObjective().key()).isEqualTo(key);
        }
    }

    @Test
    void everyObjective_comesBackFromJson() throws Exception {
        ObjectMapper mapper = new ObjectMapper().setSerializationInclusion(JsonInclude.Include.NON_NULL);
        for (String key : Objective.keys()) {
            DataConfig config = learning(key, null, null, null);
            String json = mapper.writeValueAsString(config);
            assertThat(mapper.readValue(json, DataConfig.class)).isEqualTo(config);
            assertThat(json.contains("mask_probability"))
                    .as(json)
                    .isEqualTo(!Set.of("clm", "plm").contains(key));
        }
        assertThat(mapper.writeValueAsString(learning("mlm", null, null, null)))
                .isEqualTo("{\"corpus\":\"wordnet\",\"paths\":[],\"column\":\"text\",\"documents\":\"paragraph\","
                        + "\"validation_fraction\":0.02,\"sequence_length\":128,\"packing\":\"full\","
                        + "\"objective\":\"mlm\",\"mask_probability\":0.15,\"whole_word_masking\":false}");
    }

    private static void refused(Runnable making, String message) {
        assertThatThrownBy(making::run)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }
}
