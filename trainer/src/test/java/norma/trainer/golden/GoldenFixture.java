package norma.trainer.golden;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;

/**
 * One folder of reference outputs: config.json, model.safetensors, io.safetensors and expected.json. The folder of all
 * of them is the system property {@code norma.golden}, by default ../shared/golden beside the project.
 */
public final class GoldenFixture {
    private final Path folder;

    private GoldenFixture(Path folder) {
        this.folder = folder;
    }

    /** The fixture of an architecture; skips the calling test, saying why, where there is none. */
    public static GoldenFixture of(String architecture) {
        Path root = Path.of(System.getProperty("norma.root", "."));
        Path folder = root.resolve(System.getProperty("norma.golden", "../shared/golden"))
                .normalize()
                .resolve(architecture);
        String reason = "skipped: no golden fixtures at " + folder + " (set -Dnorma.golden=FOLDER)";
        if (!Files.isDirectory(folder)) {
            System.err.println(reason);
        }
        assumeTrue(Files.isDirectory(folder), reason);
        return new GoldenFixture(folder);
    }

    /** The fixture's folder, which is a checkpoint folder too. */
    public Path folder() {
        return folder;
    }

    public JsonNode config() {
        return json("config.json");
    }

    public JsonNode expected() {
        return json("expected.json");
    }

    public Map<String, HostTensor> weights() {
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            for (String name : file.names()) {
                tensors.put(name, file.read(name));
            }
            return tensors;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The inputs and expected outputs. */
    public SafetensorsFile io() {
        try {
            return SafetensorsFile.open(folder.resolve("io.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The inputs of a fixture without token labels, as a batch that predicts nothing. */
    public Batch unlabelledBatch() {
        try (SafetensorsFile io = io()) {
            return batch(io, new int[0], new int[0], null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The fixture's inputs as a batch; its padding must be at the right. */
    public Batch batch() {
        try (SafetensorsFile io = io()) {
            int[] labels = ints(io.readLongs("input.labels"));
            int[] positions = java.util.stream.IntStream.range(0, labels.length)
                    .filter(i -> labels[i] != -100)
                    .toArray();
            return batch(
                    io,
                    positions,
                    Arrays.stream(positions).map(i -> labels[i]).toArray(),
                    ints(io.readLongs("input.next_sentence_label")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Batch batch(SafetensorsFile io, int[] positions, int[] labels, int[] nextSentence)
            throws IOException {
        long[] shape = io.shape("input.input_ids");
        int rows = (int) shape[0];
        int length = (int) shape[1];
        long[] mask = io.readLongs("input.attention_mask");
        int[] lengths = new int[rows];
        for (int i = 0; i < mask.length; i++) {
            lengths[i / length] += (int) mask[i];
        }
        return new Batch(
                rows,
                length,
                ints(io.readLongs("input.input_ids")),
                ints(io.readLongs("input.token_type_ids")),
                lengths,
                positions,
                labels,
                nextSentence);
    }

    private static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    private JsonNode json(String name) {
        try {
            return new ObjectMapper().readTree(folder.resolve(name).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
