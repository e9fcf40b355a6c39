package norma.trainer.dropout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.trainer.device.Devices;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("engine")
class DropoutMasksTest {
    private static float[][] masks(int perRow, double p, long seed, long step, int firstRow, int rows) {
        DropoutMasks masks = new DropoutMasks(seed, false);
        DropoutSite site = DropoutSite.ofVectors(perRow, p);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            return Arrays.stream(masks.masks(manager, List.of(site, site), step, firstRow, rows))
                    .map(NDArray::toFloatArray)
                    .toArray(float[][]::new);
        }
    }

    private static float[] mask(DropoutSite site, int firstRow, int rows) {
        try (NDManager manager = Devices.engine().newBaseManager()) {
            return new DropoutMasks(1, false).masks(manager, List.of(site), 9, firstRow, rows)[0].toFloatArray();
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
    void sequencesOfTheLongestLength_areCountedWithoutAGap() {
        for (int length : new int[] {8, 13}) {
            assertThat(mask(DropoutSite.ofHiddenStates(length, length, 10, 0.5), 3, 5))
                    .containsExactly(masks(10 * length, 0.5, 1, 9, 3, 5)[0]);
            assertThat(mask(DropoutSite.ofAttentionProbs(3, length, length, 0.5), 3, 5))
                    .containsExactly(masks(3 * length * length, 0.5, 1, 9, 3, 5)[0]);
        }
    }

    @Test
    void shorterMicroBatches_getWhatTheyWouldGetPaddedToTheLongest() {
        int rows = 7;
        for (int longest : new int[] {16, 19, 130}) {
            for (int length : new int[] {4, 13}) {
                float[] hidden = mask(DropoutSite.ofHiddenStates(longest, longest, 10, 0.5), 0, rows);
                float[] shortHidden = mask(DropoutSite.ofHiddenStates(length, longest, 10, 0.5), 2, rows - 2);
                float[] probs = mask(DropoutSite.ofAttentionProbs(3, longest, longest, 0.5), 0, rows);
                float[] shortProbs = mask(DropoutSite.ofAttentionProbs(3, length, longest, 0.5), 2, rows - 2);
                for (int row = 0; row < rows - 2; row++) {
                    assertThat(Arrays.copyOfRange(shortHidden, row * length * 10, (row + 1) * length * 10))
                            .containsExactly(Arrays.copyOfRange(
                                    hidden, (row + 2) * longest * 10, ((row + 2) * longest + length) * 10));
                    for (int line = 0; line < 3 * length; line++) {
                        int from = (row * 3 * length + line) * length;
                        int padded = (((row + 2) * 3 + line / length) * longest + line % length) * longest;
                        assertThat(Arrays.copyOfRange(shortProbs, from, from + length))
                                .containsExactly(Arrays.copyOfRange(probs, padded, padded + length));
                    }
                }
            }
        }
    }

    @Test
    void aLongMicroBatchAndAShortOne_shareNoDraw() {
        int rows = 16;
        DropoutSite longer = DropoutSite.ofAttentionProbs(2, 64, 64, 0.5);
        DropoutSite shorter = DropoutSite.ofAttentionProbs(2, 40, 64, 0.5);
        Set<Long> draws = new HashSet<>();
        for (long element = 0; element < longer.elementsPerRow() * rows; element++) {
            draws.add(longer.draw(0, element));
        }
        for (long element = 0; element < shorter.elementsPerRow() * rows; element++) {
            assertThat(draws.add(shorter.draw(rows, element))).isTrue();
        }

        float[] first = mask(longer, 0, rows);
        float[] second = mask(shorter, rows, rows);
        for (int shift = 0; shift + second.length <= first.length; shift += 400) {
            int alike = 0;
            for (int i = 0; i < second.length; i++) {
                alike += first[shift + i] == second[i] ? 1 : 0;
            }
            assertThat((double) alike / second.length).isCloseTo(0.5, within(5 * 0.5 / Math.sqrt(second.length)));
        }
    }

    @Test
    void aSequenceLongerThanTheLongest_isRefused() {
        assertThatThrownBy(() -> DropoutSite.ofHiddenStates(9, 8, 4, 0.1)).hasMessage("(9, 4) is not within (8, 4)");
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
        DropoutMasks masks = new DropoutMasks(1, false);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            assertThat(masks.masks(manager, List.of(DropoutSite.ofVectors(8, 0)), 0, 0, 2))
                    .containsOnlyNulls();
        }
    }

    @Test
    void longAndShortBatchesInTurns_getWhatTheyWouldGetAlone() {
        DropoutMasks masks = new DropoutMasks(1, false);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            for (int perRow : new int[] {4096, 64, 4096, 64}) {
                DropoutSite site = DropoutSite.ofVectors(perRow, 0.5);
                assertThat(masks.masks(manager, List.of(site, site), 7, 0, 2)[1].toFloatArray())
                        .containsExactly(masks(perRow, 0.5, 1, 7, 0, 2)[1]);
            }
        }
    }

    @Test
    void moreThanJavaCanWriteInOnePiece_isRefusedWithTheRowsThatFit() {
        DropoutMasks masks = new DropoutMasks(1, false);
        DropoutSite attention = DropoutSite.ofAttentionProbs(12, 512, 512, 0.1);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            assertThatThrownBy(() -> masks.masks(manager, List.of(attention), 0, 0, 171))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("micro_batch_size: found 171 sequences")
                    .hasMessageContaining("at most 170,");
        }
    }

    @Test
    void attentionInBytes_isKeptWhereTheSameMaskInFloat32Is_andOtherSitesAreAsBefore() {
        DropoutSite.Extent queries = new DropoutSite.Extent(3, 5);
        DropoutSite.Extent keys = new DropoutSite.Extent(7, 9); // draws that do not begin with a hash's first
        DropoutSite attention = DropoutSite.ofAttentionProbs(2, queries, keys, 0.3);
        DropoutSite hidden = DropoutSite.ofHiddenStates(3, 5, 7, 0.3);
        try (NDManager manager = Devices.engine().newBaseManager()) {
            List<DropoutSite> sites = List.of(attention, hidden);
            NDArray[] scaled = new DropoutMasks(1, false).masks(manager, sites, 4, 2, 3);
            NDArray[] masks = new DropoutMasks(1, true).masks(manager, sites, 4, 2, 3);
            float[] wanted = scaled[0].toFloatArray();
            byte[] bytes = masks[0].toByteArray();
            assertThat(bytes).hasSize(wanted.length);
            for (int i = 0; i < wanted.length; i++) {
                assertThat(bytes[i]).isEqualTo((byte) (wanted[i] > 0 ? 1 : 0));
            }
            assertThat(masks[1].toFloatArray()).containsExactly(scaled[1].toFloatArray());
        }
    }
}
