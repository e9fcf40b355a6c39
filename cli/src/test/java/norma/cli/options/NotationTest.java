package norma.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import norma.datasets.base.InvalidInputException;
import norma.probes.ablation.Baseline;
import norma.probes.ablation.Replacement;
import norma.probes.attention.AttentionMap;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.LayerRange;
import norma.probes.dimensions.SiteChoice;
import norma.probes.dimensions.SiteKind;
import norma.probes.dimensions.StackChoice;
import norma.probes.source.CheckpointChoice;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.model.AttentionKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the words of options stand for, and what is refused. */
@Tag("unit")
class NotationTest {
    @Test
    void dimensions_areARuleTheMostExtremeOrAList() {
        assertThat(Notation.dimensions("--dims", "auto", StackChoice.DECODER))
                .isEqualTo(new DimensionChoice.Outliers(OutlierRule.PAPER, StackChoice.DECODER));
        assertThat(Notation.dimensions("--dims", "top:12", StackChoice.ALL))
                .isEqualTo(new DimensionChoice.MostExtreme(12, StackChoice.ALL));
        assertThat(Notation.dimensions("--dims", "costliest:2", StackChoice.ALL))
                .isEqualTo(new DimensionChoice.Costliest(2));
        assertThat(Notation.dimensions("--dims", "381,308", StackChoice.ALL))
                .isEqualTo(new DimensionChoice.Listed(List.of(381, 308)));
    }

    @Test
    void lists_mayHaveSpacesAfterTheirCommas() {
        assertThat(Notation.dimensions("--dims", "381, 308", StackChoice.ALL))
                .isEqualTo(new DimensionChoice.Listed(List.of(381, 308)));
        assertThat(Notation.checkpoints("0, 500")).isEqualTo(new CheckpointChoice.Steps(List.of(0L, 500L)));
        assertThat(Notation.layers("0, 3-5").words())
                .isEqualTo(Notation.layers("0,3-5").words());
        assertThat(Notation.parts("weight, bias")).containsExactlyInAnyOrder(Part.WEIGHT, Part.BIAS);
    }

    @Test
    void sitesAndStacks_areTheirLabels() {
        assertThat(Notation.sites("final, feed-forward", StackChoice.ENCODER))
                .isEqualTo(new SiteChoice(Set.of(SiteKind.FINAL, SiteKind.FEED_FORWARD), StackChoice.ENCODER));
        assertThat(Notation.sites("all", StackChoice.ALL).kinds()).containsExactlyInAnyOrder(SiteKind.values());
        for (StackChoice stack : StackChoice.values()) {
            assertThat(Notation.stack(stack.label())).isEqualTo(stack);
        }
    }

    @Test
    void layers_areSpans_openOnesToo() {
        LayerRange layers = Notation.layers("0,3-5,8-");
        assertThat(List.of(0, 1, 2, 3, 5, 6, 7, 8, 99).stream().filter(layers::contains))
                .containsExactly(0, 3, 5, 8, 99);
        assertThat(layers.words()).isEqualTo("0,3-5,8-");
        assertThat(Notation.layers("all")).isEqualTo(LayerRange.ALL);
        assertThat(Notation.layers("8-")).isEqualTo(LayerRange.from(8));
    }

    @Test
    void partsValuesAndBaselines() {
        assertThat(Notation.parts("bias, weight")).isEqualTo(EnumSet.allOf(Part.class));
        assertThat(Notation.parts("bias")).containsExactly(Part.BIAS);
        assertThat(Notation.replacement("mean")).isEqualTo(Replacement.MEAN);
        assertThat(Notation.replacement("initial")).isEqualTo(Replacement.INITIAL);
        assertThat(Notation.baseline("random:10", 7)).isEqualTo(new Baseline.Random(10, 7));
        assertThat(Notation.baseline("matched:2", 7)).isEqualTo(new Baseline.Matched(2));
        assertThat(Notation.baseline("none", 7)).isNull();
    }

    @Test
    void checkpointsAndHeads() {
        assertThat(Notation.checkpoints("last")).isEqualTo(new CheckpointChoice.Last());
        assertThat(Notation.checkpoints("all")).isEqualTo(new CheckpointChoice.EveryNth(1));
        assertThat(Notation.checkpoints("every:05")).isEqualTo(new CheckpointChoice.EveryNth(5));
        assertThat(Notation.checkpoints("500,0")).isEqualTo(new CheckpointChoice.Steps(List.of(500L, 0L)));
        assertThat(Notation.head("2.11")).isEqualTo(new AttentionMap.Head(null, 2, 11));
        assertThat(Notation.head("cross:2.11")).isEqualTo(new AttentionMap.Head(AttentionKind.CROSS, 2, 11));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --dims      | 3,3        | each dimension once
            --dims      | 3,         | auto, top:K, costliest:K or a list such as 308,381
            --dims      | top:0      | auto, top:K, costliest:K or a list such as 308,381
            --dims      | -1         | auto, top:K, costliest:K or a list such as 308,381
            --stack       | both       | encoder, decoder or all
            --sites       | input      | output, attention, feed-forward, embeddings, final, several of them, or all
            --layers      | 3-1        | all, 3, 0-5, 8- (from 8 on), or a list
            --layers      | 1,,2       | all, 3, 0-5, 8- (from 8 on), or a list
            --parts       | scale      | weight, bias or weight,bias
            --value       | one        | zero, mean or initial
            --baseline    | random:0   | random:N, matched:N or none
            --baseline    | some       | random:N, matched:N or none
            --checkpoints | every:0    | last, all, every:N or steps such as 0,500,1000
            --checkpoints | 0,-5       | last, all, every:N or steps such as 0,500,1000
            --head        | third      | LAYER.HEAD, both from 0, such as 0.1 or cross:0.1
            """)
    void otherWords_areRefused_withTheOptionsName(String option, String words, String expected) {
        Map<String, Consumer<String>> readers = Map.of(
                "--dims", said -> Notation.dimensions("--dims", said, StackChoice.ALL),
                "--stack", Notation::stack,
                "--sites", said -> Notation.sites(said, StackChoice.ALL),
                "--layers", Notation::layers,
                "--parts", Notation::parts,
                "--value", Notation::replacement,
                "--baseline", said -> Notation.baseline(said, 1),
                "--checkpoints", Notation::checkpoints,
                "--head", Notation::head);
        assertThatThrownBy(() -> readers.get(option).accept(words))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("command line: " + option + ": found " + words + ", expected " + expected);
    }
}
