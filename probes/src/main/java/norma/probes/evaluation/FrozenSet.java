package norma.probes.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.batches.HiddenTokens;
import norma.datasets.batches.Target;
import norma.datasets.objectives.Objective;
import norma.trainer.model.ModelConfig;
import norma.trainer.safetensors.SafetensorsFile;

/**
 * A fixed evaluation set in a safetensors file: {@code input_ids} (N, S) with any masks applied and {@code labels} (N,
 * S) in Hugging Face's way ({@link Objective#labelOffset}), -100 where nothing is predicted; optionally
 * {@code attention_mask} (N, S; 1 for tokens, padding at the right) and {@code token_type_ids} (N, S). All of them
 * whole numbers. A permutation language model predicts each token from those without a label. For a model with a
 * decoder labels are (N, T), of what it is to say, padding at the right, and {@code decoder_input_ids} (N, T) may say
 * what it reads, by default the labels shifted right.
 */
final class FrozenSet {
    private static final String INPUT_IDS = "input_ids";
    private static final String POSITIONS = "position_ids";
    private static final String LABELS = "labels";
    private static final String DECODER_INPUTS = "decoder_input_ids";

    private final String source;
    private final Objective objective;
    private final int length;
    private final int[] ids;
    private final int[] labels;
    private final int[] mask;
    private final int[] types;
    private final Target target; // of all rows; null without a decoder

    private FrozenSet(
            String source,
            Objective objective,
            int length,
            int[] ids,
            int[] labels,
            int[] mask,
            int[] types,
            Target target) {
        this.source = source;
        this.objective = objective;
        this.length = length;
        this.ids = ids;
        this.labels = labels;
        this.mask = mask;
        this.types = types;
        this.target = target;
    }

    /** Reads at most so many rows of a file, whose labels are of an objective, for a model of a shape. */
    static List<Batch> read(Path path, Objective objective, ModelConfig model, int rows, int batchRows) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            long[] shape = file.shape(INPUT_IDS);
            if (shape.length != 2 || shape[0] < 1 || shape[1] < 1) {
                throw InvalidInputException.of(
                        path.toString(), INPUT_IDS, "shape " + Arrays.toString(shape), "shape [rows, length]");
            }
            if (file.contains(POSITIONS)) {
                throw InvalidInputException.of(path.toString(), POSITIONS, "some", "none: a model counts them itself");
            }
            long[] labelled = objective.decodes() ? labelShape(file, path, shape) : shape;
            int[] labels = matrix(file, path, LABELS, labelled);
            FrozenSet set = new FrozenSet(
                    path.toString(),
                    objective,
                    Math.toIntExact(shape[1]),
                    matrix(file, path, INPUT_IDS, shape),
                    labels,
                    file.contains("attention_mask") ? matrix(file, path, "attention_mask", shape) : null,
                    file.contains("token_type_ids") ? matrix(file, path, "token_type_ids", shape) : null,
                    objective.decodes() ? target(file, path, labels, labelled, model) : null);
            int wanted = (int) Math.min(rows, shape[0]);
            List<Batch> batches = new ArrayList<>();
            for (int first = 0; first < wanted; first += batchRows) {
                batches.add(set.batch(first, Math.min(batchRows, wanted - first)));
            }
            return batches;
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static long[] labelShape(SafetensorsFile file, Path path, long[] inputs) {
        long[] shape = file.shape(LABELS);
        if (shape.length != 2 || shape[0] != inputs[0] || shape[1] < 1) {
            throw InvalidInputException.of(
                    path.toString(),
                    LABELS,
                    "shape " + Arrays.toString(shape),
                    "shape [" + inputs[0] + ", length], a row for each of " + INPUT_IDS);
        }
        return shape;
    }

    /** What a decoder reads: what the file says, or the labels, padding where nothing is predicted, shifted right. */
    private static Target target(SafetensorsFile file, Path path, int[] labels, long[] shape, ModelConfig model)
            throws IOException {
        int length = Math.toIntExact(shape[1]);
        int[] lengths = new int[Math.toIntExact(shape[0])];
        for (int row = 0; row < lengths.length; row++) {
            int n = length;
            while (n > 1 && labels[row * length + n - 1] == Objective.NOT_PREDICTED) {
                n--;
            }
            lengths[row] = n;
        }
        if (file.contains(DECODER_INPUTS)) {
            return new Target(length, matrix(file, path, DECODER_INPUTS, shape), lengths);
        }
        int[] said = Arrays.stream(labels)
                .map(label -> label == Objective.NOT_PREDICTED ? model.padTokenId() : label)
                .toArray();
        return Target.shiftedRight(length, said, lengths, model.decoderStartId().orElseThrow());
    }

    private static int[] matrix(SafetensorsFile file, Path path, String name, long[] shape) throws IOException {
        if (!Arrays.equals(file.shape(name), shape)) {
            throw InvalidInputException.of(
                    path.toString(),
                    name,
                    "shape " + Arrays.toString(file.shape(name)),
                    "shape " + Arrays.toString(shape) + " as " + INPUT_IDS);
        }
        long[] values = file.readLongs(name);
        int[] ints = new int[values.length];
        for (int i = 0; i < ints.length; i++) {
            if (values[i] != (int) values[i]) {
                throw InvalidInputException.of(path.toString(), name, values[i], "a token id");
            }
            ints[i] = (int) values[i];
        }
        return ints;
    }

    private Batch batch(int first, int rows) {
        int from = first * length;
        int to = from + rows * length;
        int width = target == null ? length : target.length();
        int labelled = first * width;
        int offset = objective.labelOffset();
        int[] lengths = new int[rows];
        for (int row = 0; row < rows; row++) {
            lengths[row] = rowLength(first + row);
        }
        Target read = target == null ? null : target.rows(first, first + rows);
        int[] ends = read == null ? lengths : read.lengths();
        int[] positions = objective.predictedPositions(
                Arrays.copyOfRange(labels, labelled, labelled + rows * width), width, ends);
        int[] wanted =
                Arrays.stream(positions).map(i -> labels[labelled + i + offset]).toArray();
        for (int position : positions) {
            if (position % width + offset >= ends[position / width]) {
                throw InvalidInputException.of(
                        source,
                        "labels",
                        "a prediction in the padding of row " + (first + position / width),
                        Objective.NOT_PREDICTED + " there");
            }
        }
        Batch batch = new Batch(
                        rows,
                        length,
                        Arrays.copyOfRange(ids, from, to),
                        types == null ? new int[rows * length] : Arrays.copyOfRange(types, from, to),
                        lengths,
                        positions,
                        wanted,
                        null)
                .with(read);
        return objective.hidesByOrder() ? batch.hiding(HiddenTokens.fromAll(length, positions)) : batch;
    }

    private int rowLength(int row) {
        if (mask == null) {
            return length;
        }
        int n = 0;
        while (n < length && mask[row * length + n] == 1) {
            n++;
        }
        for (int i = n; i < length; i++) {
            if (mask[row * length + i] != 0) {
                throw InvalidInputException.of(
                        source, "attention_mask", mask[row * length + i] + " in row " + row, "1s and then 0s");
            }
        }
        if (n == 0) {
            throw InvalidInputException.of(source, "attention_mask", "nothing but 0 in row " + row, "at least one 1");
        }
        return n;
    }
}
