package norma.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.trainer.bert.BertModel;
import norma.trainer.model.LayerNormSite;
import norma.trainer.safetensors.HostTensor;

/**
 * All parameters of a model in one array, each DJL parameter a view of its piece. The LayerNorm parameters come first
 * and without gaps, in the order of the sites, so a snapshot of all of them is one copy; parameters that one matrix
 * product uses together lie side by side, so they are also one array.
 */
public final class FlatParameters {
    private static final int ALIGNMENT = 16; // floats: 64 bytes, what the matrix products like

    private final NDManager manager;
    private final List<Leaf> leaves = new ArrayList<>();
    private final IdentityHashMap<Parameter, Leaf> leafOf = new IdentityHashMap<>();
    private final Map<String, Parameter> byName = new LinkedHashMap<>();
    private final IdentityHashMap<Parameter, Long> offsets = new IdentityHashMap<>();
    private final NDArray values;
    private final long layerNormElements;
    private final long size;

    /**
     * What autograd sees as one array: a parameter, or several stacked ones.
     *
     * @param index position in {@link #leaves()}
     * @param parameters its parts, one above the other
     * @param offset first element in the flat array
     * @param shape of the whole
     */
    public record Leaf(int index, List<Parameter> parameters, long offset, Shape shape) {
        Parameter first() {
            return parameters.get(0);
        }
    }

    /** Allocates the model's parameters, initialised. */
    FlatParameters(BertModel model, NDManager manager) {
        this(model, manager, true);
    }

    private FlatParameters(BertModel model, NDManager manager, boolean initialized) {
        this.manager = manager;
        model.parameters().forEach(p -> byName.put(p.getName(), p));
        long end = 0;
        for (LayerNormSite site : model.layerNormSites()) {
            end = place(List.of(byName.get(site.weight().parameter())), end);
            end = place(List.of(byName.get(site.bias().parameter())), end);
        }
        layerNormElements = end;
        Set<Parameter> stacked = new HashSet<>();
        model.encoder().stacks().forEach(stack -> stacked.addAll(List.of(stack)));
        for (int dimensions = 1; dimensions <= 2; dimensions++) {
            for (Parameter[] stack : model.encoder().stacks()) {
                if (stack[0].getShape().dimension() == dimensions) {
                    end = place(List.of(stack), aligned(end));
                }
            }
            for (Parameter parameter : model.parameters()) {
                boolean free = !stacked.contains(parameter) && !leafOf.containsKey(parameter);
                if (free && parameter.getShape().dimension() == dimensions) {
                    end = place(List.of(parameter), aligned(end));
                }
            }
        }
        size = aligned(end);
        values = zeros();
        byName.values().forEach(parameter -> initialize(parameter, initialized));
    }

    /** Allocates the model's parameters, all 0, for weights that come from a file. */
    public static FlatParameters zero(BertModel model, NDManager manager) {
        return new FlatParameters(model, manager, false);
    }

    /** Gives a parameter its view of the flat array, filled by the parameter's own initialiser or left 0. */
    private void initialize(Parameter parameter, boolean filled) {
        Initializer initializer = parameter.getInitializer();
        parameter.setInitializer((owner, shape, dataType) -> {
            if (filled) {
                try (NDManager scope = owner.newSubManager()) {
                    write(values, offsets.get(parameter), initializer.initialize(scope, shape, dataType));
                }
            }
            return slice(values, offsets.get(parameter), shape);
        });
        parameter.initialize(manager, DataType.FLOAT32);
        parameter.setInitializer(initializer);
        parameter.getArray().setRequiresGradient(false); // training has leaves of its own
    }

    private static long aligned(long offset) {
        return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private long place(List<Parameter> parts, long offset) {
        long end = offset;
        for (Parameter part : parts) {
            offsets.put(part, end);
            end += part.getShape().size();
        }
        Shape one = parts.get(0).getShape();
        long[] shape = one.getShape().clone();
        shape[0] *= parts.size();
        Leaf leaf = new Leaf(leaves.size(), List.copyOf(parts), offset, new Shape(shape));
        leaves.add(leaf);
        parts.forEach(part -> leafOf.put(part, leaf));
        return end;
    }

    public List<Leaf> leaves() {
        return leaves;
    }

    Leaf leafOf(Parameter parameter) {
        return leafOf.get(parameter);
    }

    /** An array of the same layout, filled with 0. */
    NDArray zeros() {
        return manager.zeros(new Shape(size), DataType.FLOAT32);
    }

    /** A view of a leaf's piece of an array of this layout. */
    public NDArray view(NDArray flat, Leaf leaf) {
        return slice(flat, leaf.offset(), leaf.shape());
    }

    /** The array that holds every parameter. */
    public NDArray values() {
        return values;
    }

    /** Every LayerNorm parameter as it is now, (sites * 2 * H), a copy on the device. */
    NDArray layerNormCopy() {
        try (NDArray section = values.get("0:{}", layerNormElements)) {
            return section.duplicate();
        }
    }

    /** A copy of every LayerNorm parameter: (sites, 2, H). */
    public float[] layerNorms() {
        try (NDArray section = values.get("0:{}", layerNormElements)) {
            return section.toFloatArray();
        }
    }

    /** Copies an array of this layout to Java memory, by Hugging Face name, for the parameters of the given leaves. */
    Map<String, HostTensor> toHost(NDArray flat, Iterable<Leaf> which, String prefix) {
        Set<Parameter> wanted = new HashSet<>();
        which.forEach(leaf -> wanted.addAll(leaf.parameters()));
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        byName.forEach((name, parameter) -> {
            if (wanted.contains(parameter)) {
                try (NDArray view = slice(flat, offsets.get(parameter), parameter.getShape())) {
                    tensors.put(
                            prefix + name,
                            new HostTensor(parameter.getShape().getShape().clone(), view.toFloatArray()));
                }
            }
        });
        return tensors;
    }

    /**
     * Takes an array of this layout from Java memory.
     *
     * @throws IllegalArgumentException if a tensor is missing or has another shape
     */
    void fromHost(NDArray flat, Map<String, HostTensor> tensors, Iterable<Leaf> which, String prefix) {
        for (Leaf leaf : which) {
            for (Parameter parameter : leaf.parameters()) {
                HostTensor tensor = tensors.get(prefix + parameter.getName());
                if (tensor == null || !new Shape(tensor.shape()).equals(parameter.getShape())) {
                    throw new IllegalArgumentException(
                            prefix + parameter.getName() + " is missing or not of shape " + parameter.getShape());
                }
                try (NDArray array = manager.create(tensor.values())) {
                    write(flat, offsets.get(parameter), array);
                }
            }
        }
    }

    /** A copy of a parameter. */
    public HostTensor read(String name) {
        Parameter parameter = byName.get(name);
        try (NDArray view = slice(values, offsets.get(parameter), parameter.getShape())) {
            return new HostTensor(parameter.getShape().getShape().clone(), view.toFloatArray());
        }
    }

    /** Replaces a parameter's values. */
    public void write(String name, float[] replacement) {
        Parameter parameter = byName.get(name);
        try (NDManager scope = manager.newSubManager()) {
            write(values, offsets.get(parameter), scope.create(replacement));
        }
    }

    /** Replaces a parameter's values by those in native memory, float32 in the machine's byte order. */
    public void write(String name, ByteBuffer replacement) {
        Parameter parameter = byName.get(name);
        try (NDManager scope = manager.newSubManager()) {
            write(values, offsets.get(parameter), scope.create(replacement, parameter.getShape(), DataType.FLOAT32));
        }
    }

    /** Shape of a parameter, or null if there is none of that name. */
    public Shape shape(String name) {
        Parameter parameter = byName.get(name);
        return parameter == null ? null : parameter.getShape();
    }

    /** Every parameter's name. */
    public Set<String> names() {
        return byName.keySet();
    }

    /** Copies values into a piece of a flat array; {@code NDArray.set(Buffer)} would replace the memory instead. */
    public static void write(NDArray flat, long offset, NDArray values) {
        try (NDArray source = values.flatten()) { // belongs to the manager of the values, which may live long
            flat.set(new NDIndex("{}:{}", offset, offset + values.size()), source);
        }
    }

    private static NDArray slice(NDArray flat, long offset, Shape shape) {
        try (NDArray part = flat.get("{}:{}", offset, offset + shape.size())) {
            return part.reshape(shape);
        }
    }
}
