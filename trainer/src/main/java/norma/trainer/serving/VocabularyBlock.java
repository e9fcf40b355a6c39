package norma.trainer.serving;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.batches.HiddenTokens;
import norma.trainer.blocks.KernelSet;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Upload;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Head;
import norma.trainer.model.InputTables;
import norma.trainer.pretrained.PretrainedFolder;
import norma.trainer.step.StoredPass;

/**
 * A network with its language-model head as a DJL block: {@code input_ids} (B, S), and optionally
 * {@code token_type_ids} (B, S) and {@code attention_mask} (B, S; 1 for tokens, padding at the right), all INT64, to
 * logits (B, S, V). Many threads may use it.
 */
final class VocabularyBlock extends AbstractBlock {
    private static final int[] NONE = {};

    private final PretrainedFolder.Contents contents;
    private final InputTables tables;
    private final ForwardPass pass;
    private final Upload upload;
    private final OptionalInt asked;

    /**
     * A block on weights that were read.
     *
     * @param tables what inputs are checked against
     * @param manager owns them, and what this block needs besides
     * @param asked the token that stands where something is to be predicted, for a model that has to be told; or empty
     */
    VocabularyBlock(PretrainedFolder.Contents contents, InputTables tables, NDManager manager, OptionalInt asked) {
        this.asked = asked;
        this.contents = contents;
        this.tables = tables;
        List<NDArray> views = new ArrayList<>();
        contents.parameters()
                .leaves()
                .forEach(leaf -> views.add(
                        contents.parameters().view(contents.parameters().values(), leaf)));
        pass = new StoredPass(contents.parameters(), views, new KernelSet(manager, KernelSet.Choice.OPERATORS));
        upload = Upload.to(manager);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray ids = inputs.get(0); // (B, S)
        int rows = Math.toIntExact(ids.getShape().get(0));
        int length = Math.toIntExact(ids.getShape().get(1));
        int[] types = inputs.size() > 1 ? ints(inputs.get(1)) : new int[rows * length]; // (B*S)
        int[] lengths = new int[rows];
        Arrays.fill(lengths, length);
        if (inputs.size() > 2) {
            int[] mask = ints(inputs.get(2)); // (B*S)
            Arrays.setAll(lengths, row -> IntStream.range(row * length, (row + 1) * length)
                    .map(i -> mask[i])
                    .sum());
        }
        Batch host = asking(new Batch(rows, length, ints(ids), types, lengths, NONE, NONE, null));
        tables.require("input", host);
        DeviceBatch batch = new DeviceBatch(upload, ids.getManager(), host);
        NDArray hidden = contents.network().stages().forward(pass, batch); // (B*S, H)
        NDArray logits = Operators.ofTokens(
                contents.network().head(pass, Head.LANGUAGE_MODEL, hidden, batch), contents.config()); // (B*S, V)
        return new NDList(logits.reshape(rows, length, -1)); // (B, S, V)
    }

    private Batch asking(Batch shown) {
        if (asked.isEmpty()) {
            return shown;
        }
        int[] ids = shown.inputIds();
        int[] blanks = IntStream.range(0, ids.length)
                .filter(i -> ids[i] == asked.getAsInt())
                .toArray();
        return new Batch(
                        shown.rows(),
                        shown.length(),
                        ids,
                        shown.tokenTypeIds(),
                        shown.lengths(),
                        blanks,
                        new int[blanks.length],
                        null)
                .hiding(HiddenTokens.fromAll(shown.length(), blanks));
    }

    private static int[] ints(NDArray array) {
        return Arrays.stream(DeviceReads.longs(array))
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].addAll(new Shape(contents.config().vocabSize()))};
    }
}
