package norma.probes.emergence;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TestSites;
import norma.trainer.zarr.ArrayAttributes;
import norma.trainer.zarr.ArrayMetadata;
import norma.trainer.zarr.ElementType;
import norma.trainer.zarr.FixedVector;
import norma.trainer.zarr.GrowingArray;
import norma.trainer.zarr.ZarrGroup;

/**
 * A recording that wanders at random, in chunks of any length and with any steps, written without the recorder.
 *
 * @param steps its step coordinate
 * @param sites its sites
 * @param snapshots (steps, sites × 2 × H), weight before bias
 */
@SuppressWarnings("ArrayRecordComponent") // what was written, to be compared value by value
record RandomRecording(long[] steps, List<LayerNormSite> sites, float[][] snapshots) {
    static final int HIDDEN = 70; // more than one word of 64 bits

    /** Some dimensions drift away, at layers' outputs mostly, and wander across the threshold while they do. */
    static RandomRecording of(long[] steps, int layers, long seed) {
        Random random = new Random(seed);
        List<LayerNormSite> sites = TestSites.ofBert(layers, HIDDEN);
        int length = sites.size() * 2 * HIDDEN;
        double[] value = new double[length];
        double[] drift = new double[length];
        for (int i = 0; i < length; i++) {
            int d = i % HIDDEN;
            value[i] = (i / HIDDEN % 2 == 0 ? 1 : 0) + random.nextGaussian() / 10;
            drift[i] = d == 3 || d == 66 ? 1.2 / steps.length * (0.5 + random.nextDouble()) : 0;
        }
        float[][] snapshots = new float[steps.length][length];
        for (float[] snapshot : snapshots) {
            for (int i = 0; i < length; i++) {
                value[i] += drift[i] + random.nextGaussian() / 150;
                snapshot[i] = (float) value[i];
            }
        }
        return new RandomRecording(steps, sites, snapshots);
    }

    static long[] steps(int rows) {
        return LongStream.range(0, rows).toArray();
    }

    Path write(Path store, int every, int chunkRows) throws IOException {
        Files.createDirectories(store);
        ObjectNode attributes = JsonNodeFactory.instance.objectNode().put("every", every);
        ArrayNode list = attributes.putArray("sites");
        sites.forEach(site -> list.addObject()
                .put("name", site.name())
                .put("weight", site.weight().parameter())
                .put("bias", site.bias().parameter()));
        ZarrGroup.create(store, attributes);
        FixedVector.of(sites.stream().map(LayerNormSite::name).toList())
                .write(store.resolve("site"), ArrayAttributes.of("site"));
        FixedVector.of(LongStream.range(0, HIDDEN).toArray())
                .write(store.resolve("hidden"), ArrayAttributes.of("hidden"));
        ArrayAttributes axes = ArrayAttributes.of("step", "site", "hidden");
        ArrayMetadata metadata = new ArrayMetadata(ElementType.FLOAT32, 0, chunkRows, List.of(sites.size(), HIDDEN));
        GrowingArray weight = GrowingArray.create(store.resolve("weight"), metadata, axes);
        GrowingArray bias = GrowingArray.create(store.resolve("bias"), metadata, axes);
        GrowingArray step = GrowingArray.create(
                store.resolve("step"),
                new ArrayMetadata(ElementType.INT64, 0, 64, List.of()),
                ArrayAttributes.of("step"));
        for (int row = 0; row < steps.length; row++) {
            weight.append(part(row, 0));
            bias.append(part(row, HIDDEN));
            step.append(steps[row]);
        }
        for (GrowingArray array : List.of(weight, bias, step)) {
            array.writeChunks();
            array.publish();
        }
        return store;
    }

    private float[] part(int row, int offset) {
        float[] part = new float[sites.size() * HIDDEN];
        for (int site = 0; site < sites.size(); site++) {
            System.arraycopy(snapshots[row], site * 2 * HIDDEN + offset, part, site * HIDDEN, HIDDEN);
        }
        return part;
    }
}
