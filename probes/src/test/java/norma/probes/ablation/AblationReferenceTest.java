package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.Progress;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.evaluation.EvaluationText;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.evaluation.Scores;
import norma.probes.source.ModelSource;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.pretrained.PretrainedModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The published BERT-base-uncased against figures that an independent implementation computed. */
@Tag("run")
class AblationReferenceTest {
    private static final Path ROOT = Path.of(System.getProperty("norma.root", "."));

    @Test
    void bertBase_losesWhatTheReferenceSays_withoutEachSetOfDimensions_andComesBackBitForBit() throws IOException {
        Path reference = ROOT.resolve(System.getProperty("norma.bert-base", "../shared/bert-base"))
                .normalize();
        Path model = ROOT.resolve(System.getProperty("norma.models", "models")).resolve("bert-base-uncased");
        require(model.resolve("model.safetensors"), "the README tells how to import bert-base-uncased");
        require(reference.resolve("expected.json"), "-Dnorma.bert-base=FOLDER");
        JsonNode expected =
                new ObjectMapper().readTree(reference.resolve("expected.json").toFile());
        LanguageModelEvaluation evaluation = new EvaluationText(
                        new EvaluationText.Frozen(reference.resolve("wikitext2-mlm.safetensors")),
                        Integer.MAX_VALUE,
                        128,
                        16)
                .prepare(ModelSource.of(model, warning -> {}), Progress.NONE);
        try (PretrainedModel bert = PretrainedModel.open(model, Device.cpu())) {
            float[] before = bert.layerNorms();
            try (AblationStudy study = AblationStudy.open(bert, evaluation, AblationPlace.PAPER, Progress.NONE)) {
                for (var one : expected.properties()) {
                    List<Integer> dimensions = Arrays.stream(one.getKey().split("_", -1))
                            .filter(word -> word.matches("\\d+"))
                            .map(Integer::valueOf)
                            .toList();
                    Scores scores = study.ablated(dimensions);
                    JsonNode theirs = one.getValue();
                    assertThat(scores.get("loss"))
                            .as(one.getKey())
                            .isCloseTo(theirs.get("loss").asDouble(), within(1e-3));
                    assertThat(scores.get("accuracy"))
                            .as(one.getKey())
                            .isCloseTo(theirs.get("accuracy").asDouble(), within(1e-3));
                    assertThat(scores.get("predictions"))
                            .isEqualTo(theirs.get("predictions").asDouble());
                    assertThat(bert.layerNorms())
                            .as("weights after " + one.getKey())
                            .containsExactly(before);
                }
            }
            List<OutlierDimension> outliers =
                    OutlierRule.PAPER.apply(before, new SnapshotLayout(bert.layerNormSites()));
            List<List<Integer>> found = new ArrayList<>();
            outliers.forEach(o -> found.add(List.of(o.dimension(), o.sites().size())));
            assertThat(found).containsExactly(List.of(308, 8), List.of(381, 7));
        }
        try (Tokenizer tokenizer = ModelSource.of(model, warning -> {}).last().tokenizer()) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(30_522);
        }
    }

    private static void require(Path file, String hint) {
        String reason = "skipped: no " + file.normalize() + " (" + hint + ")";
        if (!Files.exists(file)) {
            System.err.println(reason);
        }
        assumeTrue(Files.exists(file), reason);
    }
}
