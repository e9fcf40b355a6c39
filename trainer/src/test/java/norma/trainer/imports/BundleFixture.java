package norma.trainer.imports;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import norma.trainer.safetensors.HostTensor;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.TensorShapeProto;
import org.tensorflow.util.BundleEntryProto;
import org.tensorflow.util.BundleHeaderProto;

/** Writes small tensor bundles, so that each kind of damage can be made. That real ones are read is tested on one. */
public final class BundleFixture {
    private final int shards;
    private final TreeMap<String, ByteString> entries = new TreeMap<>();
    private final ByteArrayOutputStream[] data;
    private byte compression;

    BundleFixture(int shards) {
        this.shards = shards;
        data = new ByteArrayOutputStream[shards];
        Arrays.setAll(data, shard -> new ByteArrayOutputStream());
        entries.put(
                "", BundleHeaderProto.newBuilder().setNumShards(shards).build().toByteString());
    }

    /** A golden BERT's weights under TensorFlow's names, kernels turned, slots of an optimiser beside them. */
    public static BundleFixture of(Map<String, HostTensor> weights, String prefix, int shards) {
        BundleFixture bundle = new BundleFixture(shards);
        int at = 0;
        for (var tensor : new TreeMap<>(weights).entrySet()) {
            String name = tensor.getKey();
            boolean kernel = name.endsWith("dense.weight") || name.matches(".*\\.(query|key|value)\\.weight");
            String theirs =
                    switch (name) {
                        case "cls.predictions.bias" -> "cls/predictions/output_bias";
                        case "cls.seq_relationship.weight" -> "cls/seq_relationship/output_weights";
                        case "cls.seq_relationship.bias" -> "cls/seq_relationship/output_bias";
                        default ->
                            name.replace("layer.", "layer_")
                                    .replace("LayerNorm.weight", "LayerNorm.gamma")
                                    .replace("LayerNorm.bias", "LayerNorm.beta")
                                    .replace("_embeddings.weight", "_embeddings")
                                    .replaceAll("weight$", "kernel")
                                    .replace('.', '/');
                    };
            HostTensor values = tensor.getValue();
            bundle.add(prefix + theirs, kernel ? turned(values) : values, at++ % shards);
            bundle.add(prefix + theirs + "/adam_m", new HostTensor(new long[] {1}, new float[] {9}), 0);
        }
        bundle.add("global_step", new HostTensor(new long[] {}, new float[] {1}), 0);
        return bundle;
    }

    void add(String name, HostTensor tensor, int shard) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.values().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensor.values());
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        Arrays.stream(tensor.shape())
                .forEach(size -> shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size)));
        CRC32C crc = new CRC32C();
        crc.update(bytes.array());
        entries.put(
                name,
                BundleEntryProto.newBuilder()
                        .setDtype(DataType.DT_FLOAT)
                        .setShape(shape)
                        .setShardId(shard)
                        .setOffset(data[shard].size())
                        .setSize(bytes.capacity())
                        .setCrc32C(masked((int) crc.getValue()))
                        .build()
                        .toByteString());
        data[shard].writeBytes(bytes.array());
    }

    /** Changes what the index says about a tensor. */
    void lie(String name, java.util.function.UnaryOperator<BundleEntryProto.Builder> change) throws IOException {
        entries.put(
                name,
                change.apply(BundleEntryProto.parseFrom(entries.get(name)).toBuilder())
                        .build()
                        .toByteString());
    }

    /** Marks every block as compressed by Snappy, without compressing it. */
    void claimSnappy() {
        compression = 1;
    }

    /** Writes the index and the shards; {@code prefix} as in {@code bert_model.ckpt}. */
    public void write(Path folder, String prefix) throws IOException {
        Files.write(folder.resolve(prefix + ".index"), index());
        for (int shard = 0; shard < shards; shard++) {
            Files.write(shard(folder, prefix, shard), data[shard].toByteArray());
        }
    }

    Path shard(Path folder, String prefix, int shard) {
        return folder.resolve(String.format(java.util.Locale.ROOT, "%s.data-%05d-of-%05d", prefix, shard, shards));
    }

    private byte[] index() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        TreeMap<String, ByteString> handles = new TreeMap<>();
        TreeMap<String, ByteString> block = new TreeMap<>();
        for (var entry : entries.entrySet()) {
            block.put(entry.getKey(), entry.getValue());
            if (block.size() == 20 || entry.getKey().equals(entries.lastKey())) {
                handles.put(entry.getKey(), block(file, block));
                block.clear();
            }
        }
        ByteString meta = block(file, new TreeMap<>());
        ByteString index = block(file, handles);
        byte[] footer = Arrays.copyOf(meta.concat(index).toByteArray(), 40);
        file.writeBytes(footer);
        file.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0xdb4775248b80fb57L)
                .array());
        return file.toByteArray();
    }

    private ByteString block(ByteArrayOutputStream file, Map<String, ByteString> entries) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        byte[] before = new byte[0];
        for (var entry : entries.entrySet()) {
            byte[] key = entry.getKey().getBytes(StandardCharsets.ISO_8859_1);
            int shared = Math.max(0, Arrays.mismatch(before, key));
            varint(block, shared);
            varint(block, key.length - shared);
            varint(block, entry.getValue().size());
            block.write(key, shared, key.length - shared);
            block.writeBytes(entry.getValue().toByteArray());
            before = key;
        }
        block.writeBytes(new byte[] {0, 0, 0, 0, 1, 0, 0, 0}); // one restart, at 0
        ByteArrayOutputStream handle = new ByteArrayOutputStream();
        varint(handle, file.size());
        varint(handle, block.size());
        block.write(compression);
        CRC32C crc = new CRC32C();
        crc.update(block.toByteArray());
        file.writeBytes(block.toByteArray());
        file.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(masked((int) crc.getValue()))
                .array());
        return ByteString.copyFrom(handle.toByteArray());
    }

    private static int masked(int crc) {
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static void varint(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest >= 128) {
            out.write((rest & 127) | 128);
            rest >>>= 7;
        }
        out.write(rest);
    }

    private static HostTensor turned(HostTensor tensor) {
        int out = (int) tensor.shape()[0];
        int in = (int) tensor.shape()[1];
        float[] kernel = new float[out * in];
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] = tensor.values()[i % out * in + i / out];
        }
        return new HostTensor(new long[] {in, out}, kernel);
    }
}
