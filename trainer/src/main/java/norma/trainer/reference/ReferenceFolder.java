package norma.trainer.reference;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Target;
import norma.datasets.files.SpecialFile;
import norma.datasets.json.JsonFile;
import norma.datasets.objectives.Objective;
import norma.trainer.architectures.Architectures;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.model.Architecture;
import norma.trainer.model.Head;
import norma.trainer.model.StoredHeads;
import norma.trainer.optimizer.AdamW;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;

/**
 * Reference outputs of another implementation: {@code config.json} and {@code model.safetensors} in Hugging Face's
 * layout, {@code io.safetensors} with inputs, outputs, gradients and trained weights, {@code expected.json} with losses
 * and the settings of the training.
 */
public final class ReferenceFolder {
    private static final String NEXT_SENTENCE = "input.next_sentence_label";
    private static final Pattern RANGE = Pattern.compile("(.+)\\[(\\d+):(\\d+)]");
    private static final String DECODER_INPUTS = "input.decoder_input_ids";
    private static final String TOKEN_TYPES = "input.token_type_ids";

    private final Path folder;

    /**
     * Of a folder.
     *
     * @throws InvalidInputException if a file is missing
     */
    public ReferenceFolder(Path folder) {
        this.folder = folder;
        SpecialFile.refuseInside(folder, "the files of reference outputs");
        for (String file :
                new String[] {CheckpointFiles.CONFIG, CheckpointFiles.WEIGHTS, "io.safetensors", "expected.json"}) {
            if (!Files.isRegularFile(folder.resolve(file))) {
                throw new InvalidInputException(
                        folder + ": has no " + file + ", expected a folder of reference outputs");
            }
        }
    }

    /** The folder, which is a checkpoint folder too. */
    public Path folder() {
        return folder;
    }

    /** {@code config.json}. */
    public JsonNode config() {
        return json(CheckpointFiles.CONFIG);
    }

    /** {@code expected.json}. */
    public JsonNode expected() {
        return json("expected.json");
    }

    /** The initial weights by Hugging Face name. */
    public Map<String, HostTensor> weights() {
        return SafetensorsFile.readAll(new CheckpointFiles(folder).weights());
    }

    /** AdamW as the reference was trained with it. */
    public AdamW.Hyperparameters hyperparameters() {
        JsonNode optimizer = expected().at("/train/optimizer");
        return new AdamW.Hyperparameters(
                optimizer.at("/betas/0").asDouble(),
                optimizer.at("/betas/1").asDouble(),
                optimizer.path("eps").asDouble(),
                optimizer.path("weight_decay").asDouble(),
                optimizer.path("max_grad_norm").asDouble());
    }

    /** The inputs and expected outputs. */
    public SafetensorsFile io() {
        try {
            return SafetensorsFile.open(folder.resolve("io.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the reference was trained with. */
    public Objective objective() {
        String source = new CheckpointFiles(folder).config().toString();
        Architecture architecture = Architectures.named(config(), source);
        Set<Head> heads = StoredHeads.of(
                        architecture,
                        StoredHeads.classes(config(), source),
                        weights().keySet())
                .heads();
        try (SafetensorsFile io = io()) {
            return io.contains(NEXT_SENTENCE)
                    ? Objective.of("mlm+nsp", null, null)
                    : architecture.standardObjective(heads).ofLabels();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Elements whose gradient is 0 but for rounding, so that AdamW makes full steps of noise: of each parameter their
     * row-major indices, from the first to before the second number.
     */
    public Map<String, int[]> zeroGradients() {
        Map<String, int[]> ranges = new LinkedHashMap<>();
        for (JsonNode entry : expected().at("/train/zero_gradient_params")) {
            Matcher range = RANGE.matcher(entry.asText());
            if (range.matches()) {
                ranges.put(
                        range.group(1), new int[] {Integer.parseInt(range.group(2)), Integer.parseInt(range.group(3))});
            } else {
                ranges.put(entry.asText(), new int[] {0, Integer.MAX_VALUE});
            }
        }
        return ranges;
    }

    @Override
    public String toString() {
        return folder.getFileName().toString();
    }

    /** Parameters of which many elements have next to no gradient: their median difference counts, not the mean. */
    public Set<String> illConditioned() {
        Set<String> names = new HashSet<>();
        expected().at("/train/ill_conditioned_params").forEach(name -> names.add(name.asText()));
        return names;
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
            if (io.contains(PermutedReference.MAPPING)) {
                return PermutedReference.batch(io, batch(io, new int[0], new int[0], null));
            }
            Objective objective = objective();
            int[] labels = ints(io.readLongs("input.labels"));
            int length = Math.toIntExact(io.shape("input.labels")[1]);
            int[] positions = objective.predictedPositions(labels, length, lengths(io));
            return batch(
                    io,
                    positions,
                    Arrays.stream(positions)
                            .map(i -> labels[i + objective.labelOffset()])
                            .toArray(),
                    io.contains(NEXT_SENTENCE) ? ints(io.readLongs(NEXT_SENTENCE)) : null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Batch batch(SafetensorsFile io, int[] positions, int[] labels, int[] nextSentence)
            throws IOException {
        long[] shape = io.shape("input.input_ids");
        int rows = (int) shape[0];
        int length = (int) shape[1];
        Batch batch = new Batch(
                rows,
                length,
                ints(io.readLongs("input.input_ids")),
                io.contains(TOKEN_TYPES) ? ints(io.readLongs(TOKEN_TYPES)) : new int[rows * length],
                lengths(io),
                positions,
                labels,
                nextSentence);
        return io.contains(DECODER_INPUTS) ? batch.with(target(io)) : batch;
    }

    /** What the reference's decoder read; it attended to all of it that came before a token, padding too. */
    private static Target target(SafetensorsFile io) throws IOException {
        long[] shape = io.shape(DECODER_INPUTS);
        int[] lengths = new int[(int) shape[0]];
        Arrays.fill(lengths, (int) shape[1]);
        return new Target((int) shape[1], ints(io.readLongs(DECODER_INPUTS)), lengths);
    }

    /** Tokens of each row. */
    private static int[] lengths(SafetensorsFile io) throws IOException {
        long[] shape = io.shape("input.attention_mask");
        long[] mask = io.readLongs("input.attention_mask");
        int[] lengths = new int[(int) shape[0]];
        for (int i = 0; i < mask.length; i++) {
            lengths[i / (int) shape[1]] += (int) mask[i];
        }
        return lengths;
    }

    static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    private JsonNode json(String name) {
        return JsonFile.read(folder.resolve(name)).node();
    }
}
