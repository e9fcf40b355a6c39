package norma.probes.emergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.json.JsonFile;
import norma.probes.dimensions.StackChoice;
import norma.trainer.figure.FigureWidth;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording of an encoder of 2 layers and a decoder of 3. */
@Tag("unit")
class StackEmergenceTest {
    private static final int WIDTH = 20;
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(TestSites.ofTwoStacks(2, 3, WIDTH));

    @TempDir
    Path folder;

    private LayerNormRecording recording;

    /**
     * Dimension 3 leaves in encoder layers 0 and 1 at steps 10 and 20, in decoder layer 0 at step 30. Of the encoder it
     * is an outlier from 20 on, of both together (3 of 5) from 30 on, of the decoder (1 of 3) never.
     */
    @BeforeEach
    void record() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, LAYOUT, 1, false)) {
            for (int step = 0; step < 60; step++) {
                float[] snapshot = new float[LAYOUT.length()];
                for (int site : LAYOUT.outputs()) {
                    LayerNormSite here = LAYOUT.site(site);
                    boolean beyond = here.stack() == Stack.ENCODER
                            ? step >= 10 * (1 + here.layer())
                            : here.layer() == 0 && step >= 30;
                    for (int d = 0; d < WIDTH; d++) {
                        float value = d == 3 && beyond ? 1 : d % 2 * 0.01f;
                        snapshot[LAYOUT.weight(site) + d] = value;
                        snapshot[LAYOUT.bias(site) + d] = value;
                    }
                }
                recorder.record(step, snapshot);
            }
        }
        recording = LayerNormRecording.open(store);
    }

    private Emergence read(StackChoice stack) throws IOException {
        return EmergenceReader.read(recording, OutlierRule.PAPER, stack, Progress.NONE);
    }

    @Test
    void bothTogetherAreTheHeadline_andEachStackHasItsOwnSteps() throws IOException {
        Emergence both = read(StackChoice.ALL);
        assertThat(both.dimensions()).singleElement().satisfies(dimension -> {
            assertThat(dimension.dimension()).isEqualTo(3);
            assertThat(dimension.emergenceStep()).isEqualTo(30);
            assertThat(dimension.order()).containsExactly("encoder.0", "encoder.1", "decoder.0");
            assertThat(dimension.rise().onsetStep()).isEqualTo(10);
            assertThat(dimension.rise().layers()).isEqualTo(3);
        });
        assertThat(both.counts()).containsExactly(count(0, 0), count(30, 1), count(59, 1));
        StackEmergence encoder = both.stacks().get(0);
        assertThat(encoder.stack()).isEqualTo(StackChoice.ENCODER);
        assertThat(encoder.layers()).isEqualTo(2);
        assertThat(encoder.dimensions()).singleElement().satisfies(dimension -> {
            assertThat(dimension.emergenceStep()).isEqualTo(20);
            assertThat(dimension.order()).containsExactly("encoder.0", "encoder.1");
            assertThat(dimension.rise().layers()).isEqualTo(2);
        });
        assertThat(encoder.counts()).containsExactly(count(0, 0), count(20, 1), count(59, 1));
        StackEmergence decoder = both.stacks().get(1);
        assertThat(decoder.layers()).isEqualTo(3);
        assertThat(decoder.dimensions()).isEmpty();
        assertThat(decoder.counts()).containsExactly(count(0, 0), count(59, 0));
    }

    private static Emergence.Count count(long step, int count) {
        return new Emergence.Count(step, count);
    }

    @Test
    void oneStackAlone_isTheHeadline_andOnlyItsSitesDepart() throws IOException {
        Emergence encoder = read(StackChoice.ENCODER);
        assertThat(encoder.dimensions())
                .extracting(EmergedDimension::emergenceStep)
                .containsExactly(20L);
        assertThat(encoder.dimensions())
                .isEqualTo(read(StackChoice.ALL).stacks().get(0).dimensions());
        assertThat(encoder.stacks()).isEmpty();
        assertThat(encoder.departures()).extracting(Departure::site).containsExactly("encoder.0", "encoder.1");
        assertThat(read(StackChoice.ALL).departures())
                .extracting(Departure::site)
                .containsExactly("encoder.0", "encoder.1", "decoder.0");
        assertThat(read(StackChoice.DECODER).dimensions()).isEmpty();
        assertThat(EmergenceFigure.of("run", recording, encoder, null).svg(FigureWidth.TWO_COLUMNS))
                .contains("weights, mean over layers");
    }

    @Test
    void asJson_theStacksStandBesideTheHeadline() throws IOException {
        JsonNode json = EmergenceJson.of("run", read(StackChoice.ALL), null);
        assertThat(json.at("/rule/stack").asText()).isEqualTo("all");
        assertThat(json.at("/dimensions/0/emergence_step").asLong()).isEqualTo(30);
        assertThat(json.at("/stacks/0/stack").asText()).isEqualTo("encoder");
        assertThat(json.at("/stacks/0/layers").asInt()).isEqualTo(2);
        assertThat(json.at("/stacks/0/dimensions/0/emergence_step").asLong()).isEqualTo(20);
        assertThat(json.at("/stacks/1/outlier_count/0/count").asInt()).isZero();
        assertThat(EmergenceJson.of("run", read(StackChoice.ENCODER), null).has("stacks"))
                .isFalse();
    }

    @Test
    void whatIsRead_isWhatWasWritten_andDamageIsNamed() throws IOException {
        Emergence both = read(StackChoice.ALL);
        Path file = folder.resolve("emergence.json");
        JsonFile.write(file, EmergenceJson.of("run", both, null).put("command", "norma emergence run"));
        EmergenceFile read = EmergenceJson.read(file);
        assertThat(read.command()).hasValue("norma emergence run");
        assertThat(read.run()).isEqualTo("run");
        assertThat(read.rule().stack()).hasValue("all");
        assertThat(read.firstStep()).isEqualTo(both.firstStep());
        assertThat(read.lastStep()).isEqualTo(both.lastStep());
        assertThat(read.every()).isEqualTo(both.every());
        assertThat(read.plateau()).isEmpty();
        assertThat(read.dimensions()).isNotEmpty().isEqualTo(both.dimensions());
        assertThat(read.departures()).isNotEmpty().isEqualTo(both.departures());
        assertThat(read.counts()).isEqualTo(both.counts());
        assertThat(read.gaps()).isEqualTo(both.gaps());
        for (int stack = 0; stack < 2; stack++) {
            StackEmergence written = both.stacks().get(stack);
            assertThat(read.stacks().get(stack))
                    .isEqualTo(new EmergenceFile.Stack(
                            written.stack().label(), written.layers(), written.dimensions(), written.counts()));
        }
        String whole = Files.readString(file);
        Files.writeString(file, whole.replaceFirst("\"onset_step\" : \\d+", "\"onset_step\" : null"));
        assertThatThrownBy(() -> EmergenceJson.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        file + ": dimensions[0].rise.onset_step: found null, expected a whole number of at least 0");
        Files.writeString(file, whole.replaceFirst("\"emergence_step\" : \\d+,", ""));
        assertThatThrownBy(() -> EmergenceJson.read(file))
                .hasMessage(file + ": dimensions[0].emergence_step: found nothing, expected a number or null");
    }

    @Test
    void aStackThatTheRecordingLacks_isRefused() throws IOException {
        Path store = folder.resolve("bert.zarr");
        SnapshotLayout bert = new SnapshotLayout(TestSites.ofBert(1, 4));
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, bert, 1, false)) {
            recorder.record(0, new float[bert.length()]);
        }
        LayerNormRecording one = LayerNormRecording.open(store);
        assertThatThrownBy(() -> EmergenceReader.read(one, OutlierRule.PAPER, StackChoice.DECODER, Progress.NONE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found decoder, expected encoder or all");
        Emergence all = EmergenceReader.read(one, OutlierRule.PAPER, StackChoice.ALL, Progress.NONE);
        Emergence encoder = EmergenceReader.read(one, OutlierRule.PAPER, StackChoice.ENCODER, Progress.NONE);
        assertThat(EmergenceJson.of("run", encoder, null)).isEqualTo(EmergenceJson.of("run", all, null));
        assertThat(EmergenceJson.of("run", all, null).at("/rule").has("stack")).isFalse();
    }
}
