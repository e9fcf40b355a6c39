package norma.trainer.dropout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import norma.datasets.InvalidInputException;
import norma.trainer.device.Devices;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("engine")
class DropoutMasksTest {
    private static float[][] masks(int perRow, double p, long seed, long step, int firstRow, int rows) {
        DropoutMasks masks = new DropoutMasks(seed);
        DropoutMasks.Site site = new DropoutMasks.Site(perRow, p);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            return Arrays.stream(masks.masks(manager, List.of(site, site), step, firstRow, rows))
                    .map(NDArray::toFloatArray)
                    .toArray(float[][]::new);
        }
    }

    @Test
    void theShareDroppedAndTheMean_areAsAskedFor() {
        float[] mask = masks(100_000, 0.1, 1, 3, 0, 10)[0];
        long dropped = 0;
        double sum = 0;
        for (float m : mask) {
            dropped += m == 0 ? 1 : 0;
            sum += m;
        }
        double sd = Math.sqrt(0.1 * 0.9 / mask.length);
        assertThat((double) dropped / mask.length).isCloseTo(0.1, within(4 * sd));
        assertThat(sum / mask.length).isCloseTo(1, within(4 * sd / 0.9));
        assertThat(mask[0]).isIn(0f, (float) (32768.0 / (32768 - 3277)));
    }

    @Test
    void everyBitLane_isDroppedEquallyOften() {
        float[] mask = masks(400_000, 0.25, 5, 0, 0, 1)[0];
        for (int lane = 0; lane < 4; lane++) {
            int dropped = 0;
            for (int i = lane; i < mask.length; i += 4) {
                dropped += mask[i] == 0 ? 1 : 0;
            }
            assertThat(dropped / 100_000.0).isCloseTo(0.25, within(4 * Math.sqrt(0.25 * 0.75 / 100_000)));
        }
    }

    @Test
    void microBatches_getTheirRowsOfTheWholeMask_evenWhereRowsAreNoMultipleOfFour() {
        for (int perRow : new int[] {12, 33, 70_001}) {
            float[] whole = masks(perRow, 0.3, 1, 9, 0, 4)[1];
            float[] last = masks(perRow, 0.3, 1, 9, 3, 1)[1];
            assertThat(last).containsExactly(Arrays.copyOfRange(whole, 3 * perRow, 4 * perRow));
        }
    }

    @Test
    void seedStepAndSite_eachGiveOtherMasks() {
        float[][] base = masks(1024, 0.5, 1, 1, 0, 1);
        assertThat(base[0]).isNotEqualTo(base[1]);
        assertThat(masks(1024, 0.5, 2, 1, 0, 1)[0]).isNotEqualTo(base[0]);
        assertThat(masks(1024, 0.5, 1, 2, 0, 1)[0]).isNotEqualTo(base[0]);
        assertThat(masks(1024, 0.5, 1, 1, 0, 1)[0]).isEqualTo(base[0]);
    }

    @Test
    void aSiteThatDropsNothing_hasNoMask() {
        DropoutMasks masks = new DropoutMasks(1);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            assertThat(masks.masks(manager, List.of(new DropoutMasks.Site(8, 0)), 0, 0, 2))
                    .containsOnlyNulls();
        }
    }

    @Test
    void longAndShortBatchesInTurns_getWhatTheyWouldGetAlone() {
        DropoutMasks masks = new DropoutMasks(1);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            for (int perRow : new int[] {4096, 64, 4096, 64}) {
                DropoutMasks.Site site = new DropoutMasks.Site(perRow, 0.5);
                assertThat(masks.masks(manager, List.of(site, site), 7, 0, 2)[1].toFloatArray())
                        .containsExactly(masks(perRow, 0.5, 1, 7, 0, 2)[1]);
            }
        }
    }

    @Test
    void moreThanJavaCanWriteInOnePiece_isRefusedWithTheRowsThatFit() {
        DropoutMasks masks = new DropoutMasks(1);
        DropoutMasks.Site attention = new DropoutMasks.Site(512L * 512 * 12, 0.1);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            assertThatThrownBy(() -> masks.masks(manager, List.of(attention), 0, 0, 171))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("micro_batch_size: found 171 sequences")
                    .hasMessageContaining("at most 170,");
        }
    }
}
