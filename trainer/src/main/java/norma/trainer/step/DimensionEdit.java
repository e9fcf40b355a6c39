package norma.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.device.Upload;
import norma.trainer.model.DimensionValue;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;
import norma.trainer.torchscript.TorchScript;

/**
 * Gives weight and bias of every LayerNorm of the main network that is wide enough a value at one dimension, on the
 * device and without waiting for it. A matrix that is recorded among the sites is no LayerNorm and stays as it is.
 */
final class DimensionEdit implements AutoCloseable {
    private static final String FUNCTIONS = """
              def put(self: __torch__.Functions, values: Tensor, index: Tensor, replacements: Tensor) -> None:
                _0 = torch.index_copy_(values, 0, index, replacements)
                return None
            """;

    private final FlatParameters parameters;
    private final TorchScript script;
    private final NDArray index;
    private final NDArray replacements;

    DimensionEdit(
            List<LayerNormSite> sites,
            FlatParameters parameters,
            DimensionValue value,
            NDManager manager,
            Upload upload) {
        this.parameters = parameters;
        List<Integer> places = new ArrayList<>();
        List<Float> values = new ArrayList<>();
        for (LayerNormSite site : sites) {
            if (value.dimension() < site.width() && isVector(site.weight()) && isVector(site.bias())) {
                add(site.weight(), value.dimension(), value.weight(), places, values);
                add(site.bias(), value.dimension(), value.bias(), places, values);
            }
        }
        script = TorchScript.compile(manager, FUNCTIONS);
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        int[] indices = places.stream().mapToInt(Integer::intValue).toArray();
        index = upload.longs(manager, indices, new Shape(indices.length));
        replacements = upload.floats(manager, floats, new Shape(floats.length));
    }

    /** Whether a part of a site is a vector, or missing. */
    private boolean isVector(Slice slice) {
        return slice == null || parameters.parameter(slice).getShape().dimension() == 1;
    }

    private void add(Slice slice, int dimension, double value, List<Integer> places, List<Float> values) {
        if (slice != null) {
            places.add(Math.toIntExact(parameters.offset(parameters.parameter(slice)) + dimension));
            values.add((float) value);
        }
    }

    /** Makes the edit. */
    void apply() {
        script.run(
                        "put",
                        IValue.from((PtNDArray) parameters.values()),
                        IValue.from((PtNDArray) index),
                        IValue.from((PtNDArray) replacements))
                .close();
    }

    @Override
    public void close() {
        index.close();
        replacements.close();
        script.close();
    }
}
