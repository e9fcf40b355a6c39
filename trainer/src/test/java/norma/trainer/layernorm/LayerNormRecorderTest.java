package norma.trainer.layernorm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class LayerNormRecorderTest {
    private static final int HIDDEN = 7;
    private static final List<LayerNormSite> SITES = TestSites.ofBert(2, HIDDEN);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 49, 50, 51, 100, 173})
    void everyValueComesBack(int steps) throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, steps, 1, false);
        assertHolds(store, steps, 1);
    }

    @Test
    void everyThirdStep_isRecordedWithItsStep() throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, 200, 3, false);
        assertHolds(store, 67, 3);
        LayerNormRecording recording = LayerNormRecording.open(store);
        assertThat(recording.row(3)).isEqualTo(1);
        assertThat(recording.row(4)).isEqualTo(-1);
        assertThat(recording.row(201)).isEqualTo(-1);
    }

    @Test
    void flush_makesAPartialChunkVisibleWhileTheRecordingGoesOn() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = open(store, 1, false)) {
            recordSteps(recorder, 0, 3);
            recorder.flush();
            assertHolds(store, 3, 1);
            recordSteps(recorder, 3, 60);
            recorder.flush();
            assertHolds(store, 60, 1);
        }
        assertHolds(store, 60, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 49, 50, 99, 120})
    void aRunThatIsCutAndGoesOn_leavesTheSameFilesAsOneThatNeverStopped(int checkpoint) throws IOException {
        Path whole = record(folder.resolve("whole.zarr"), 0, 160, 1, false);
        Path cut = record(folder.resolve("cut.zarr"), 0, 121, 1, false);
        try (LayerNormRecorder recorder = open(cut, 1, true)) {
            recorder.truncateAfter(checkpoint);
            assertHolds(cut, checkpoint + 1, 1);
            recordSteps(recorder, checkpoint + 1, 160);
        }
        assertThat(files(cut)).isEqualTo(files(whole));
    }

    @Test
    void cuttingToBeforeStep0_leavesAnEmptyRecordingThatBeginsAgain() throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, 70, 1, false);
        try (LayerNormRecorder recorder = open(store, 1, true)) {
            recorder.truncateAfter(-1);
            assertThat(LayerNormRecording.open(store).size()).isZero();
            recordSteps(recorder, 0, 5);
        }
        assertHolds(store, 5, 1);
    }

    @Test
    void aRecordingThatEndsBeforeTheCheckpoint_isRefused() throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, 70, 1, false);
        try (LayerNormRecorder recorder = open(store, 1, true)) {
            assertThatThrownBy(() -> recorder.truncateAfter(100))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("ends at step 69")
                    .hasMessageContaining("step 100");
        }
    }

    /** The moments of a kill: the lengths are published one after the other, and behind them may lie more chunks. */
    @Test
    void lengthsThatDisagreeAfterAKill_giveTheShortestAndCanGoOn() throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, 60, 1, false);
        Map<String, String> before = files(store);
        Path longer = record(folder.resolve("longer.zarr"), 0, 130, 1, false);
        for (String ahead : List.of("weight", "bias")) {
            for (String file : List.of("0.0.0", "1.0.0", "2.0.0", ".zarray")) {
                Files.copy(
                        longer.resolve(ahead).resolve(file),
                        store.resolve(ahead).resolve(file),
                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            Files.writeString(store.resolve(ahead).resolve("3.0.0.tmp"), "half a chu");
            assertHolds(store, 60, 1);
        }
        open(store, 1, true).close();
        assertThat(files(store)).isEqualTo(before);
    }

    @Test
    void aKillWhileTheStoreIsMade_leavesNothingThatLooksLikeOne() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        Files.createDirectories(folder.resolve("layernorm.zarr.tmp/weight"));
        Files.writeString(folder.resolve("layernorm.zarr.tmp/weight/.zarray"), "{");
        record(store, 0, 3, 1, true);
        assertHolds(store, 3, 1);
        assertThat(folder.resolve("layernorm.zarr.tmp")).doesNotExist();
    }

    @Test
    void aFailedWrite_surfacesOnALaterCallAndOnClose() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        LayerNormRecorder recorder = open(store, 1, false);
        recordSteps(recorder, 0, 10);
        recorder.flush();
        deleteFolder(store.resolve("bias"));
        assertThatThrownBy(() -> {
                    for (int step = 10; step < 100_000; step++) {
                        recorder.record(step, Snapshots.at(step, SITES.size(), HIDDEN));
                    }
                })
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(store.toString())
                .hasMessageContaining("recording failed");
        assertThatThrownBy(recorder::flush).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> recorder.truncateAfter(5)).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(recorder::close).isInstanceOf(UncheckedIOException.class);
        recorder.close(); // a second time does nothing
    }

    @Test
    void aFailedLastWrite_surfacesOnClose() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        LayerNormRecorder recorder = open(store, 1, false);
        recordSteps(recorder, 0, 10);
        deleteFolder(store);
        assertThatThrownBy(recorder::close).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void aMissingOrRepeatedStepAndAWrongSize_areRefused() throws IOException {
        try (LayerNormRecorder recorder = open(folder.resolve("layernorm.zarr"), 2, false)) {
            recordSteps(recorder, 0, 3);
            assertThatThrownBy(() -> recorder.record(6, Snapshots.at(6, SITES.size(), HIDDEN)))
                    .hasMessageContaining("step 6 where step 4 comes next");
            assertThatThrownBy(() -> recorder.record(2, Snapshots.at(2, SITES.size(), HIDDEN)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> recorder.record(4, new float[3])).hasMessageContaining("3 values");
        }
    }

    @Test
    void aStoreOfAnotherModel_isRefusedWithBothValues() throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, 3, 1, false);
        assertThatThrownBy(() -> open(store, 1, false)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> LayerNormRecorder.open(store, new SnapshotLayout(TestSites.ofBert(2, 8)), 1, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("hidden: found 7")
                .hasMessageContaining("8");
        assertThatThrownBy(
                        () -> LayerNormRecorder.open(store, new SnapshotLayout(TestSites.ofBert(3, HIDDEN)), 1, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("sites");
        assertThatThrownBy(() -> open(store, 5, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("every: found 1");
    }

    @Test
    void damagedFiles_areNamed() throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, 60, 1, false);
        LayerNormRecording recording = LayerNormRecording.open(store);
        Path chunk = store.resolve("weight/1.0.0");
        byte[] good = Files.readAllBytes(chunk);
        Files.write(chunk, java.util.Arrays.copyOf(good, good.length / 2));
        assertThatThrownBy(() -> recording.snapshot(55))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(chunk.toString());
        Files.delete(chunk);
        assertThatThrownBy(() -> LayerNormRecording.open(store).snapshot(55))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(chunk + ": missing");
        Path metadata = store.resolve("bias/.zarray");
        Files.writeString(metadata, Files.readString(metadata).replace("\"C\"", "\"F\""));
        assertThatThrownBy(() -> LayerNormRecording.open(store))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(metadata + ": order: found \"F\", expected \"C\"");
        Files.writeString(metadata, "{\"zarr");
        assertThatThrownBy(() -> LayerNormRecording.open(store))
                .hasMessage(metadata + ": ends in the middle (line 1, column 7), expected a JSON object");
        assertThatThrownBy(() -> LayerNormRecording.open(folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no such file, expected a Zarr version 2 store");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "step/.zarray|\"shape\" : [ 5 ]|\"shape\" : { \"a\" : 5 }|shape: found {\"a\":5}, expected a list of whole numbers",
                "weight/.zarray|\"shape\" : [ 5,|\"shape\" : [ 5.5,|shape: found [5.5,",
                "bias/.zarray|\"dtype\" : \"<f4\"|\"dtype\" : 4|dtype: found 4, expected text",
                ".zattrs|\"every\" : 1|\"every\" : \"1\"|every: found \"1\", expected a whole number from 1",
                ".zattrs|\"sites\" : [|\"sites\" : [ 7,|sites[0]: found 7, expected an object",
                ".zattrs|\"width\" : 7|\"width\" : \"7\"|width: found \"7\", expected a whole number from 1",
            })
    void metadataOfAnotherType_isNamedByFileAndKey(String file, String was, String is, String finding)
            throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, 5, 1, false);
        Path metadata = store.resolve(file);
        String whole = Files.readString(metadata);
        assertThat(whole).contains(was);
        Files.writeString(metadata, whole.replace(was, is));

        assertThatThrownBy(() -> LayerNormRecording.open(store))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(finding);
    }

    @Test
    void aLengthThatNoChunksHold_isRefusedBeforeRoomIsMade() throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, 5, 1, false);
        for (String array : List.of("weight", "bias", "step")) {
            Path metadata = store.resolve(array).resolve(".zarray");
            String whole = Files.readString(metadata);
            assertThat(whole).contains("\"shape\" : [ 5");
            Files.writeString(metadata, whole.replace("\"shape\" : [ 5", "\"shape\" : [ 2147483000"));
        }
        assertThatThrownBy(() -> LayerNormRecording.open(store))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageEndingWith("step: shape: found [2147483000], expected the rows that are there");
    }

    @Test
    void bytesNeeded_isCloseToWhatARecordingTakes() throws IOException {
        List<LayerNormSite> sites = TestSites.ofBert(2, 128);
        Path store = folder.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, new SnapshotLayout(sites), 1, false)) {
            for (int step = 0; step <= 1000; step++) {
                recorder.record(step, Snapshots.at(step, sites.size(), 128));
            }
        }
        long taken;
        try (Stream<Path> walk = Files.walk(store)) {
            taken = walk.filter(Files::isRegularFile)
                    .mapToLong(f -> f.toFile().length())
                    .sum();
        }
        long estimate = LayerNormRecorder.bytesNeeded(new SnapshotLayout(sites), 1000, 1);
        System.out.printf("recording of 1,001 steps: %,d bytes, estimate %,d bytes%n", taken, estimate);
        assertThat((double) taken / estimate).isBetween(0.7, 1.2);
    }

    @Test
    void forEach_visitsInStrides() throws IOException {
        Path store = record(folder.resolve("layernorm.zarr"), 0, 120, 1, false);
        StringBuilder visited = new StringBuilder();
        LayerNormRecording recording = LayerNormRecording.open(store);
        recording.forEach(5, recording.size(), 40, (step, snapshot) -> {
            visited.append(step).append(' ');
            assertThat(snapshot).isEqualTo(Snapshots.at(step, SITES.size(), HIDDEN));
        });
        assertThat(visited).hasToString("5 45 85 ");
    }

    private LayerNormRecorder open(Path store, int every, boolean resume) {
        return LayerNormRecorder.open(store, new SnapshotLayout(SITES), every, resume);
    }

    private Path record(Path store, int from, int to, int every, boolean resume) {
        try (LayerNormRecorder recorder = open(store, every, resume)) {
            recordSteps(recorder, from, to);
        }
        return store;
    }

    private static void recordSteps(LayerNormRecorder recorder, int from, int to) {
        for (int step = from; step < to; step++) {
            recorder.record(step, Snapshots.at(step, SITES.size(), HIDDEN));
        }
    }

    private static void assertHolds(Path store, int rows, int every) throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(store);
        assertThat(recording.size()).isEqualTo(rows);
        assertThat(recording.sites()).isEqualTo(SITES);
        for (int row = 0; row < rows; row++) {
            assertThat(recording.steps()[row]).isEqualTo((long) row * every);
            float[] expected = Snapshots.at((long) row * every, SITES.size(), HIDDEN);
            assertThat(recording.snapshot(row)).as("row %s", row).isEqualTo(expected);
            assertThat(recording.bias(row, 2))
                    .isEqualTo(java.util.Arrays.copyOfRange(
                            expected,
                            recording.layout().bias(2),
                            recording.layout().bias(2) + HIDDEN));
        }
    }

    private static Map<String, String> files(Path store) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(store)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                contents.put(
                        store.relativize(file).toString(),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }

    private static void deleteFolder(Path path) throws IOException {
        try (Stream<Path> walk = Files.walk(path)) {
            for (Path file : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
