package norma.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;
import norma.trainer.architectures.Architectures;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The classes and their heads are those of Hugging Face's modeling_bert.py and modeling_roberta.py. */
@Tag("unit")
class StoredHeadsTest {
    private static StoredHeads of(String modelType, List<String> classes, String... heads) {
        Architecture architecture = Architectures.ALL.stream()
                .filter(one -> one.modelType().equals(modelType))
                .findFirst()
                .orElseThrow();
        List<String> tensors = new ArrayList<>(List.of(architecture.names().wordEmbeddings()));
        tensors.addAll(List.of(heads));
        return StoredHeads.of(architecture, classes, tensors);
    }

    private static Set<Head> heads(String names) {
        return Arrays.stream(names.split(" ", -1))
                .filter(name -> !name.isEmpty())
                .map(Head::valueOf)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Head.class)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bert    | BertForSequenceClassification    | bert.pooler.dense.bias classifier.bias     | POOLER CLASSIFIER",
                "bert    | BertForPreTraining               | bert.pooler.dense.bias cls.predictions.bias cls.seq_relationship.bias | POOLER LANGUAGE_MODEL NEXT_SENTENCE",
                "bert    | BertForNextSentencePrediction    | bert.pooler.dense.bias cls.seq_relationship.bias | POOLER NEXT_SENTENCE",
                "bert    | BertForMaskedLM                  | cls.predictions.bias                       | LANGUAGE_MODEL",
                "bert    | BertModel                        | bert.pooler.dense.bias                     | POOLER",
                "roberta | RobertaForSequenceClassification | classifier.dense.bias classifier.out_proj.bias | CLASSIFIER",
                "roberta | RobertaForMaskedLM               | lm_head.bias                               | LANGUAGE_MODEL",
                "roberta | RobertaModel                     | roberta.pooler.dense.bias                  | POOLER"
            })
    void headsThatTheClassHas_areThere(String modelType, String name, String tensors, String expected) {
        StoredHeads stored = of(modelType, List.of(name), tensors.split(" "));
        assertThat(stored.heads()).isEqualTo(heads(expected));
        assertThat(stored.leftOut()).isEmpty();
        assertThat(stored.assumption()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bert    | BertForTokenClassification    | classifier.bias | the token classifier of BertForTokenClassification (classifier.bias) is left out: Norma has no task that reads it",
                "bert    | BertForMultipleChoice         | classifier.bias | the multiple-choice head of BertForMultipleChoice (classifier.bias) is left out: Norma has no task that reads it",
                "bert    | BertForQuestionAnswering      | qa_outputs.bias | the question-answering head of BertForQuestionAnswering (qa_outputs.bias) is left out: Norma has no task that reads it",
                "bert    | ''                            | output_bias     | the classifier of sequences or of tokens (output_bias) is left out: Norma has no task that reads it",
                "bert    | ''                            | cls.squad.output_bias | the question-answering head (cls.squad.output_bias) is left out: Norma has no task that reads it",
                "bert    | BertForMaskedLM               | classifier.bias | the classifier (classifier.bias) is left out: architectures of config.json says BertForMaskedLM, not BertForSequenceClassification",
                "roberta | RobertaForTokenClassification | classifier.bias | the token classifier of RobertaForTokenClassification (classifier.bias) is left out: Norma has no task that reads it",
                "roberta | RobertaForMultipleChoice      | classifier.bias | the multiple-choice head of RobertaForMultipleChoice (classifier.bias) is left out: Norma has no task that reads it",
                "roberta | RobertaForQuestionAnswering   | qa_outputs.bias | the question-answering head of RobertaForQuestionAnswering (qa_outputs.bias) is left out: Norma has no task that reads it",
                "roberta | RobertaForMaskedLM            | classifier.out_proj.bias | the classifier (classifier.out_proj.bias) is left out: architectures of config.json says RobertaForMaskedLM, not RobertaForSequenceClassification",
                "roberta | RobertaForMaskedLM            | classifier.bias | the token classifier or multiple-choice head (classifier.bias) is left out: Norma has no task that reads it"
            })
    void aHeadOfAnotherTask_isLeftOut_whetherThereIsAPoolerOrNot(
            String modelType, String name, String tensor, String sentence) {
        List<String> classes = name.isEmpty() ? List.of() : List.of(name); // none in a TensorFlow checkpoint
        for (boolean pooler : List.of(false, true)) {
            StoredHeads stored = pooler
                    ? of(modelType, classes, tensor, modelType + ".pooler.dense.bias")
                    : of(modelType, classes, tensor);
            assertThat(stored.heads()).isEqualTo(pooler ? Set.of(Head.POOLER) : Set.of());
            assertThat(stored.leftOut()).containsExactly(sentence);
            assertThat(stored.isLeftOut(tensor)).isTrue();
            assertThat(stored.isLeftOut(modelType + ".pooler.dense.bias")).isFalse();
        }
    }

    @Test
    void aHeadThatReadsThePooler_isNothingWithoutIt() {
        String missing = ") is left out: the pooler that it reads is missing";
        StoredHeads classifier =
                of("bert", List.of("BertForSequenceClassification"), "classifier.bias", "classifier.weight");
        assertThat(classifier.heads()).isEmpty();
        assertThat(classifier.leftOut())
                .containsExactly("the classifier (classifier.bias, classifier.weight" + missing);
        StoredHeads nextSentence = of("bert", List.of(), "cls.seq_relationship.bias", "cls.predictions.bias");
        assertThat(nextSentence.heads()).containsExactly(Head.LANGUAGE_MODEL);
        assertThat(nextSentence.leftOut())
                .containsExactly("the next-sentence head (cls.seq_relationship.bias" + missing);
    }

    @Test
    void withoutArchitectures_thePoolerOrTheNamesDecide_andThatIsSaid() {
        StoredHeads bert = of("bert", List.of(), "classifier.bias", "bert.pooler.dense.bias");
        assertThat(bert.heads()).containsExactly(Head.POOLER, Head.CLASSIFIER);
        assertThat(bert.assumption())
                .contains("the classifier is that of BertForSequenceClassification: no architectures are named");
        assertThat(of("bert", List.of(), "classifier.bias").heads()).isEmpty();
        StoredHeads roberta = of("roberta", List.of(), "classifier.out_proj.bias");
        assertThat(roberta.heads()).containsExactly(Head.CLASSIFIER);
        assertThat(roberta.assumption()).isPresent();
        assertThat(of("roberta", List.of(), "classifier.bias").heads()).isEmpty();
    }

    @Test
    void besideAClassifier_whatItsClassDoesNotHave_isLeftOut() {
        StoredHeads roberta = of(
                "roberta",
                List.of("RobertaForSequenceClassification"),
                "roberta.pooler.dense.bias",
                "classifier.out_proj.bias",
                "lm_head.bias");
        assertThat(roberta.heads()).containsExactly(Head.CLASSIFIER);
        assertThat(roberta.leftOut())
                .containsExactly(
                        "the pooler (roberta.pooler.dense.bias) is left out: RobertaForSequenceClassification does not"
                                + " have it",
                        "the language-model head (lm_head.bias) is left out: RobertaForSequenceClassification does not"
                                + " have it");
    }

    @Test
    void architecturesOfAConfig_areAListOfNames_orNothing() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        assertThat(StoredHeads.classes(mapper.readTree("{\"architectures\": [\"A\", \"B\"]}"), "c.json"))
                .containsExactly("A", "B");
        assertThat(StoredHeads.classes(mapper.readTree("{\"architectures\": null}"), "c.json"))
                .isEmpty();
        assertThat(StoredHeads.classes(mapper.readTree("{}"), "c.json")).isEmpty();
        for (String wrong : List.of("\"BertModel\"", "[1]", "{\"a\": \"B\"}", "[null]")) {
            assertThatThrownBy(
                            () -> StoredHeads.classes(mapper.readTree("{\"architectures\": " + wrong + "}"), "c.json"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("c.json: architectures: found ")
                    .hasMessageEndingWith("expected a list of names of classes");
        }
    }
}
