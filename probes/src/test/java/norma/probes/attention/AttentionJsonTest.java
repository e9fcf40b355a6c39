package norma.probes.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.probes.ablation.AblationContrast;
import norma.trainer.model.AttentionKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class AttentionJsonTest {
    @TempDir
    Path folder;

    private static HeadStatistics head(double entropy) {
        return HeadStatistics.of(kind -> entropy / (2 + kind.name().length()), entropy);
    }

    private static AttentionStatistics statistics(double entropy, AttentionKind... kinds) {
        return new AttentionStatistics(
                List.of(kinds).stream().map(kind -> new AttentionLayer(kind, 0)).toList(),
                List.of(kinds).stream()
                        .map(kind -> List.of(
                                head(entropy), head(entropy + kind.name().length())))
                        .toList());
    }

    private AttentionFile written(AttentionStudy study) throws IOException {
        Path file = folder.resolve("attention.json");
        JsonFile.write(file, AttentionJson.of(study).put("command", "norma attention a"));
        return AttentionJson.read(file);
    }

    @Test
    void whatIsRead_isWhatWasWritten() throws IOException {
        AttentionStatistics full = statistics(1, AttentionKind.ENCODER);
        AttentionStatistics ablated = statistics(1.5, AttentionKind.ENCODER);
        List<AttentionStatistics> random =
                List.of(statistics(1.1, AttentionKind.ENCODER), statistics(1.2, AttentionKind.ENCODER));
        AttentionFile read = written(new AttentionStudy(
                new AblationContrast(List.of(3, 5), List.of(List.of(1, 2), List.of(4, 6))),
                true,
                Map.of(AttentionKind.ENCODER, head(2)),
                full,
                ablated,
                random));
        assertThat(read.command()).hasValue("norma attention a");
        assertThat(read.uniform()).isEqualTo(Map.of("", head(2)));
        assertThat(read.full())
                .isEqualTo(new AttentionFile.Variant(
                        List.of(),
                        full.mean(),
                        List.of(new AttentionFile.Layer(
                                Optional.empty(),
                                0,
                                full.layerMean(0),
                                full.layers().get(0)))));
        assertThat(read.ablated().orElseThrow().dimensions()).containsExactly(3, 5);
        assertThat(read.ablated().orElseThrow().layers().get(0).heads())
                .isEqualTo(ablated.layers().get(0));
        assertThat(read.random().orElseThrow().mean())
                .isEqualTo(AttentionStatistics.mean(random).mean());
        assertThat(read.draws())
                .containsExactly(
                        new AttentionFile.Draw(List.of(1, 2), random.get(0).mean()),
                        new AttentionFile.Draw(List.of(4, 6), random.get(1).mean()));
    }

    @Test
    void ofSeveralKinds_eachLayerSaysWhichItIs_andDamageIsNamed() throws IOException {
        AttentionStatistics full = statistics(1, AttentionKind.ENCODER, AttentionKind.DECODER);
        AttentionStudy study = new AttentionStudy(
                AblationContrast.NONE,
                true,
                Map.of(AttentionKind.ENCODER, head(2), AttentionKind.DECODER, head(3)),
                full,
                null,
                List.of());
        AttentionFile read = written(study);
        assertThat(read.uniform()).isEqualTo(Map.of("encoder", head(2), "decoder", head(3)));
        assertThat(read.full().layers())
                .extracting(layer -> layer.attention().orElseThrow())
                .containsExactly("encoder", "decoder");
        assertThat(read.ablated()).isEmpty();
        assertThat(read.random()).isEmpty();
        assertThat(read.draws()).isEmpty();
        Path file = folder.resolve("attention.json");
        String whole = Files.readString(file);
        Files.writeString(file, whole.replaceFirst("(?s)(\"full\".*?)\"entropy\"", "$1\"entropie\""));
        assertThatThrownBy(() -> AttentionJson.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": full.mean.entropy: found nothing, expected a number or null");
    }
}
