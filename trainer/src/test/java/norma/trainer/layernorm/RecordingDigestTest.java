package norma.trainer.layernorm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recordings of 130 rows in three chunks, and their digest from the definition: step, weight and bias of each row. */
@Tag("unit")
class RecordingDigestTest {
    private static final int HIDDEN = 7;
    private static final int STEPS = 130;
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(TestSites.ofBert(2, HIDDEN));

    @TempDir
    private Path folder;

    private static String byDefinition(int lastStep) {
        int values = LAYOUT.size() * HIDDEN;
        ByteBuffer rows =
                ByteBuffer.allocate((lastStep + 1) * (8 + 2 * 4 * values)).order(ByteOrder.LITTLE_ENDIAN);
        for (int step = 0; step <= lastStep; step++) {
            rows.putLong(step);
            float[] snapshot = Snapshots.at(step, LAYOUT.size(), HIDDEN);
            for (Part part : Part.values()) {
                for (int site = 0; site < LAYOUT.size(); site++) {
                    for (int d = 0; d < HIDDEN; d++) {
                        rows.putFloat(snapshot[LAYOUT.offset(site, part) + d]);
                    }
                }
            }
        }
        return HexFormat.of().formatHex(Hashes.sha256().digest(rows.array()));
    }

    private static void record(LayerNormRecorder recorder, int from, int to) {
        for (int step = from; step < to; step++) {
            recorder.record(step, Snapshots.at(step, LAYOUT.size(), HIDDEN));
        }
    }

    private Path recorded() {
        Path store = folder.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, LAYOUT, 1, false)) {
            record(recorder, 0, STEPS);
        }
        return store;
    }

    @Test
    void whatIsRecorded_hasTheDigestOfWhatIsRead_atEveryStep_alsoAfterACut() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, LAYOUT, 1, false)) {
            for (int step = 0; step < STEPS; step++) {
                record(recorder, step, step + 1);
                if (step % 31 == 0) {
                    assertThat(recorder.sha256()).isEqualTo(byDefinition(step));
                }
            }
        }
        RecordingDigest digest = RecordingDigest.of(store);
        for (int step : new int[] {0, 49, 50, 99, 128, 129}) {
            assertThat(digest.through(step)).isEqualTo(byDefinition(step));
            assertThat(LayerNormRecorder.requireWhole(store, LAYOUT, 1, step)).isEqualTo(byDefinition(step));
        }
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, LAYOUT, 1, true)) {
            assertThat(recorder.sha256()).isEqualTo(byDefinition(129));
            recorder.truncateAfter(70);
            assertThat(recorder.sha256()).isEqualTo(byDefinition(70));
            record(recorder, 71, 100);
            assertThat(recorder.sha256()).isEqualTo(byDefinition(99));
        }
    }

    @Test
    void chunksThatAreWhole_inEachOthersPlace_areSeen() throws IOException {
        Path store = recorded();
        Path first = store.resolve("weight/0.0.0");
        Path second = store.resolve("weight/1.0.0");
        byte[] bytes = Files.readAllBytes(first);
        Files.write(first, Files.readAllBytes(second));
        Files.write(second, bytes);
        assertThat(RecordingDigest.of(store).through(STEPS)).isNotEqualTo(byDefinition(STEPS - 1));
    }

    @Test
    void aChunkThatIsGone_isNamed() throws IOException {
        Path store = recorded();
        Files.delete(store.resolve("bias/1.0.0"));
        RecordingDigest digest = RecordingDigest.of(store);
        assertThat(digest.through(49)).isEqualTo(byDefinition(49));
        assertThatThrownBy(() -> digest.through(50))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        store + ": the chunk of weight or bias with step 50 is missing, expected every one up to step"
                                + " 50");
    }
}
