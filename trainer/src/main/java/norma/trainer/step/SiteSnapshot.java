package norma.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;

/**
 * What is recorded of sites: on the device a copy of all vectors, and after them the L2 norms of what is not a vector;
 * in Java memory (sites, 2, H), H being the widest site's, and NaN where a site is narrower or has no such part.
 */
public final class SiteSnapshot {
    private static final int PARTS = 2; // weight and bias

    private final FlatParameters parameters;
    private final List<Slice> matrices = new ArrayList<>();
    private final int[] from; // where each part begins in the copy, -1 if the site has none
    private final int[] widths;
    private final int hidden;
    private final int elements;
    private final boolean plain;

    public SiteSnapshot(List<LayerNormSite> sites, FlatParameters parameters) {
        this.parameters = parameters;
        hidden = sites.stream().mapToInt(LayerNormSite::width).max().orElseThrow();
        widths = sites.stream().mapToInt(LayerNormSite::width).toArray();
        from = new int[PARTS * sites.size()];
        int end = 0;
        for (int part = 0; part < from.length; part++) {
            Slice slice = slice(sites, part);
            if (slice != null && isVector(slice)) {
                from[part] = Math.toIntExact(parameters.offset(parameters.parameter(slice)));
                end = Math.max(end, from[part] + widths[part / PARTS]);
            }
        }
        for (int part = 0; part < from.length; part++) {
            Slice slice = slice(sites, part);
            if (slice == null) {
                from[part] = -1;
            } else if (!isVector(slice)) {
                from[part] = end;
                end += widths[part / PARTS];
                matrices.add(slice);
            }
        }
        elements = end;
        plain = IntStream.range(0, from.length).allMatch(part -> from[part] == part * hidden)
                && elements == from.length * hidden;
    }

    private static Slice slice(List<LayerNormSite> sites, int part) {
        LayerNormSite site = sites.get(part / PARTS);
        return part % PARTS == 0 ? site.weight() : site.bias();
    }

    private boolean isVector(Slice slice) {
        return parameters.parameter(slice).getShape().dimension() == 1;
    }

    /** The values now, a copy on the device, (elements). */
    public NDArray copy() {
        NDArray vectors = parameters.siteVectors();
        if (matrices.isEmpty()) {
            return vectors;
        }
        NDManager owner = vectors.getManager();
        try (NDManager scope = owner.newSubManager()) {
            NDList all = new NDList(vectors);
            vectors.attach(scope);
            for (Slice slice : matrices) {
                all.add(norms(parameters.view(parameters.parameter(slice)), slice.axis(), scope));
            }
            NDArray together = NDArrays.concat(all);
            together.attach(owner);
            return together;
        }
    }

    /** The L2 norm of the elements of each index on an axis. */
    private static NDArray norms(NDArray matrix, int axis, NDManager scope) {
        matrix.attach(scope);
        int[] others = IntStream.range(0, matrix.getShape().dimension())
                .filter(other -> other != axis)
                .toArray();
        return matrix.square().sum(others).sqrt().reshape(new Shape(-1));
    }

    /** Values of a {@link #copy}. */
    int elements() {
        return elements;
    }

    /** A copy in Java memory as a snapshot, (sites, 2, H). */
    public float[] expand(float[] copied) {
        if (plain) { // of a network with more sites, such as a head's, those lie behind
            return copied.length == elements ? copied : Arrays.copyOf(copied, elements);
        }
        float[] snapshot = new float[from.length * hidden];
        Arrays.fill(snapshot, Float.NaN);
        for (int part = 0; part < from.length; part++) {
            if (from[part] >= 0) {
                System.arraycopy(copied, from[part], snapshot, part * hidden, widths[part / PARTS]);
            }
        }
        return snapshot;
    }
}
