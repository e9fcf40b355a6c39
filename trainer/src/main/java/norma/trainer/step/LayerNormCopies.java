package norma.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.trainer.device.DeviceReads;

/** Copies of every LayerNorm parameter, which wait on the device until all of them are read at once. */
final class LayerNormCopies {
    private final SiteSnapshot sites;
    private final DeviceReads reads;
    private final NDList kept = new NDList();

    LayerNormCopies(SiteSnapshot sites, DeviceReads reads) {
        this.sites = sites;
        this.reads = reads;
    }

    /** The parameters now: (sites, 2, H). */
    float[] read() {
        try (NDArray copy = sites.copy()) {
            return sites.expand(reads.floats(copy));
        }
    }

    /** Keeps a copy of the parameters as they are now. */
    void keep() {
        kept.add(sites.copy());
    }

    /** The copies kept since the last time, oldest first, each (sites, 2, H). */
    List<float[]> take() {
        if (kept.isEmpty()) {
            return List.of();
        }
        List<float[]> snapshots = new ArrayList<>();
        try (NDArray together = kept.size() == 1 ? kept.get(0).duplicate() : NDArrays.concat(kept)) {
            float[] values = reads.floats(together);
            int size = values.length / kept.size();
            for (int from = 0; from < values.length; from += size) {
                snapshots.add(sites.expand(Arrays.copyOfRange(values, from, from + size)));
            }
        }
        kept.forEach(NDArray::close);
        kept.clear();
        return snapshots;
    }
}
