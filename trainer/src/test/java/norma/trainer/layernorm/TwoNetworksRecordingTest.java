package norma.trainer.layernorm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.toy.ToyConfig;
import norma.trainer.toy.ToyNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording of two networks, of which the second is wider than the first. */
@Tag("engine")
class TwoNetworksRecordingTest {
    private static final int STEPS = 60; // more than a chunk
    private static final List<LayerNormSite> SITES = sites();
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(SITES);

    @TempDir
    private Path folder;

    private Path store;

    private static List<LayerNormSite> sites() {
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put(PretrainingModel.MAIN, new ToyNetwork(new ToyConfig(11, 6, 4, 2), 1));
        networks.put("generator", new ToyNetwork(new ToyConfig(11, 10, 4, 2), 1));
        return PretrainingModel.sites(networks);
    }

    private static float[] snapshot(int step) {
        float[] snapshot = new float[LAYOUT.length()];
        for (int i = 0; i < snapshot.length; i++) {
            snapshot[i] = 1000 * step + i;
        }
        return snapshot;
    }

    @BeforeEach
    void record() throws IOException {
        store = folder.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, LAYOUT, 1, false)) {
            for (int step = 0; step < STEPS; step++) {
                recorder.record(step, snapshot(step));
            }
        }
    }

    @Test
    void theSitesOfTheSecond_haveItsNameBeforeTheirs() {
        assertThat(SITES).hasSize(8);
        assertThat(SITES.get(4).name()).isEqualTo("generator." + SITES.get(0).name());
        assertThat(SITES.get(4).weight().parameter())
                .isEqualTo("generator/" + SITES.get(0).weight().parameter());
        assertThat(SITES)
                .extracting(LayerNormSite::network)
                .containsExactly("", "", "", "", "generator", "generator", "generator", "generator");
    }

    @Test
    void opened_itShowsTheMainNetworkAlone_asWideAsThatIs() throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(store);
        assertThat(recording.sites()).isEqualTo(SITES.subList(0, 4));
        assertThat(recording.layout().hidden()).isEqualTo(6);
        requireValues(recording, 0);
    }

    @Test
    void openedByName_itShowsTheOther() throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(store, "generator");
        assertThat(recording.sites()).isEqualTo(SITES.subList(4, 8));
        assertThat(recording.layout().hidden()).isEqualTo(10);
        requireValues(recording, 4);
        assertThatThrownBy(() -> LayerNormRecording.open(store, "decoder"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        store + ": network: found decoder, expected one of those recorded: the main one, generator");
    }

    @Test
    void asAWhole_itShowsBoth() throws IOException {
        LayerNormRecording recording = LayerNormRecording.whole(store);
        assertThat(recording.layout()).isEqualTo(LAYOUT);
        requireValues(recording, 0);
    }

    /** By rows, by vectors and by chunks. */
    private static void requireValues(LayerNormRecording recording, int firstSite) throws IOException {
        SnapshotLayout layout = recording.layout();
        int row = 55;
        float[] read = recording.snapshot(row);
        LayerNormChunks chunks = recording.chunks();
        assertThat(chunks.read(1)).isTrue();
        int rowInChunk = row - (int) chunks.firstRow(1);
        int compared = 0;
        for (int site = 0; site < layout.size(); site++) {
            for (Part part : Part.values()) {
                if (!layout.has(site, part)) {
                    continue;
                }
                float[] expected = new float[layout.width(site)];
                for (int d = 0; d < expected.length; d++) {
                    expected[d] = 1000 * row + LAYOUT.offset(firstSite + site, part) + d;
                }
                int from = layout.offset(site, part);
                assertThat(Arrays.copyOfRange(read, from, from + expected.length))
                        .containsExactly(expected);
                assertThat(part == Part.WEIGHT ? recording.weight(row, site) : recording.bias(row, site))
                        .containsExactly(expected);
                int at = (rowInChunk * layout.size() + site) * layout.hidden();
                assertThat(Arrays.copyOfRange(chunks.values(part), at, at + expected.length))
                        .containsExactly(expected);
                compared += expected.length;
            }
        }
        assertThat(compared).isEqualTo(layout.values());
    }

    @Test
    void theRule_looksAtTheMainNetworkWhereASnapshotIsOfBoth() {
        float[] snapshot = new float[LAYOUT.length()];
        OutlierRule one = new OutlierRule(1, 0, OutlierRule.Combination.OR);
        snapshot[LAYOUT.bias(7) + 3] = 5;
        assertThat(one.ofMain(snapshot, LAYOUT)).isEmpty();
        assertThat(one.apply(snapshot, LAYOUT))
                .extracting(OutlierDimension::dimension)
                .containsExactly(3);
        snapshot[LAYOUT.bias(3) + 2] = 5;
        assertThat(one.ofMain(snapshot, LAYOUT))
                .extracting(OutlierDimension::dimension)
                .containsExactly(2);
    }

    @Test
    void itGoesOn_onlyWithBoth() throws IOException {
        LayerNormRecorder.open(store, LAYOUT, 1, true).close();
        assertThatThrownBy(() -> LayerNormRecorder.open(store, new SnapshotLayout(SITES.subList(0, 4)), 1, true))
                .isInstanceOf(InvalidInputException.class);
    }
}
