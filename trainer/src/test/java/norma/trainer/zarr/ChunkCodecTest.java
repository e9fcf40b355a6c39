package norma.trainer.zarr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import norma.datasets.base.InvalidInputException;
import norma.datasets.random.CounterHash;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class ChunkCodecTest {
    @Test
    void shuffle_putsBytesOfEqualWeightTogether() {
        // HDF5's and numcodecs' shuffle: the first bytes of all elements, then the second ones, and so on.
        assertThat(ChunkCodec.shuffle(new byte[] {1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24}, 4))
                .containsExactly(1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24);
    }

    @Test
    void anyBytesComeBack() {
        byte[] raw = new byte[400];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) CounterHash.below(1, i, 256);
        }
        for (int elementBytes : new int[] {4, 8}) {
            byte[] stored = ChunkCodec.encode(raw, elementBytes).array();
            assertThat(ChunkCodec.decode(stored, raw.length, elementBytes, "test"))
                    .isEqualTo(raw);
        }
    }

    @Test
    void damagedBytes_areRefusedWithTheFilesName() {
        byte[] stored = ChunkCodec.encode(new byte[400], 4).array();
        assertThatThrownBy(() -> ChunkCodec.decode(new byte[] {1, 2, 3, 4, 5}, 400, 4, "weight/0.0.0"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("weight/0.0.0: damaged chunk");
        assertThatThrownBy(() -> ChunkCodec.decode(stored, 800, 4, "weight/0.0.0"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found 400 bytes inside, expected 800");
        assertThatThrownBy(() -> ChunkCodec.decode(stored, 200, 4, "weight/0.0.0"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("weight/0.0.0");
    }

    /** RFC 8878, section 3.1.1.1.1: bit 2 of the byte behind the magic number says that a checksum ends the frame. */
    @Test
    void aChunkIsAFrameWithAChecksum_andNoFlippedBitChangesAValueUnnoticed() {
        byte[] raw = new byte[4000];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) CounterHash.below(2, i / 9, 256);
        }
        byte[] stored = ChunkCodec.encode(raw, 4).array();
        assertThat(stored[4] & 1 << 2).isNotZero();
        int refused = 0;
        for (int bit = 0; bit < stored.length * Byte.SIZE; bit++) {
            byte[] bad = stored.clone();
            bad[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            try { // a few bits stand for nothing
                assertThat(ChunkCodec.decode(bad, raw.length, 4, "weight/0.0.0"))
                        .as("bit %d", bit)
                        .isEqualTo(raw);
            } catch (InvalidInputException e) {
                assertThat(e).hasMessageStartingWith("weight/0.0.0: damaged chunk");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(stored.length * Byte.SIZE * 99 / 100);
    }

    @Test
    void aFrameWithoutAChecksum_asEarlierVersionsWroteIt_isRead() {
        byte[] raw = {1, 2, 3, 4, 5, 6, 7, 8};
        byte[] old = Zstd.compress(ChunkCodec.shuffle(raw, 4), ChunkCodec.LEVEL);
        assertThat(old[4] & 1 << 2).isZero();
        assertThat(ChunkCodec.decode(old, raw.length, 4, "weight/0.0.0")).isEqualTo(raw);
    }
}
