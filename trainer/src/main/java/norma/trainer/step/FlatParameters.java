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
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.trainer.device.DeviceReads;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.Slice;
import norma.trainer.safetensors.HostTensor;

/**
 * All parameters of one or several networks in one array, each DJL parameter a view of its piece. The vectors of the
 * sites come first and without gaps, in the order of the sites, so a snapshot of all of them is one copy; parameters
 * that one matrix product uses together lie side by side, so they are also one array.
 */
public final class FlatParameters {
    private static final int ALIGNMENT = 16; // floats: 64 bytes, what the matrix products like

    private final NDManager manager;
    private final List<Leaf> leaves = new ArrayList<>();
    private final IdentityHashMap<Parameter, Leaf> leafOf = new IdentityHashMap<>();
    private final Map<String, Map<String, Parameter>> byName = new LinkedHashMap<>();
    private final IdentityHashMap<Parameter, Parameter> known = new IdentityHashMap<>();
    private final IdentityHashMap<Parameter, Long> offsets = new IdentityHashMap<>();
    private final NDArray values;
    private final long siteElements;
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

    private final List<Parameter> inOrder = new ArrayList<>();

    /** Allocates the networks' parameters, initialised; one that two networks share has one place. */
    FlatParameters(Map<String, Network> networks, NDManager manager) {
        this(networks, manager, true);
    }

    private FlatParameters(Map<String, Network> networks, NDManager manager, boolean initialized) {
        this.manager = manager;
        networks.forEach((network, one) -> {
            Map<String, Parameter> own = new LinkedHashMap<>();
            for (Parameter parameter : one.parameters()) {
                own.put(parameter.getName(), parameter);
                if (known.put(parameter, parameter) == null) {
                    inOrder.add(parameter);
                }
            }
            byName.put(network, own);
        });
        long end = 0;
        for (LayerNormSite site : PretrainingModel.sites(networks)) {
            end = placeVector(site.weight(), end);
            end = placeVector(site.bias(), end);
        }
        siteElements = end;
        List<List<Parameter>> stacks = networks.values().stream()
                .flatMap(network -> network.stacks().stream())
                .toList();
        Set<Parameter> stacked = Collections.newSetFromMap(new IdentityHashMap<>());
        stacks.forEach(stacked::addAll);
        int most = inOrder.stream()
                .mapToInt(parameter -> parameter.getShape().dimension())
                .max()
                .orElse(0);
        for (int dimensions = 1; dimensions <= most; dimensions++) {
            for (List<Parameter> stack : stacks) {
                if (stack.get(0).getShape().dimension() == dimensions && !leafOf.containsKey(stack.get(0))) {
                    end = place(stack, aligned(end));
                }
            }
            for (Parameter parameter : inOrder) {
                boolean free = !stacked.contains(parameter) && !leafOf.containsKey(parameter);
                if (free && parameter.getShape().dimension() == dimensions) {
                    end = place(List.of(parameter), aligned(end));
                }
            }
        }
        size = aligned(end);
        values = zeros();
        inOrder.forEach(parameter -> initialize(parameter, initialized));
    }

    /** Allocates a network's parameters, all 0, for weights that come from a file. */
    public static FlatParameters zero(Network network, NDManager manager) {
        return new FlatParameters(Map.of(PretrainingModel.MAIN, network), manager, false);
    }

    /** A vector of a site lies with the others; a matrix that a site looks at lies among the matrices. */
    private long placeVector(Slice slice, long end) {
        Parameter parameter = slice == null ? null : parameter(slice);
        boolean vector = parameter != null && parameter.getShape().dimension() == 1;
        return vector && !leafOf.containsKey(parameter) ? place(List.of(parameter), end) : end;
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

    /** Numbers of all networks' parameters, those that several share counted for each; the gaps of this array too. */
    long ofEachNetwork() {
        long each = byName.values().stream()
                .flatMap(own -> own.values().stream())
                .mapToLong(parameter -> parameter.getShape().size())
                .sum();
        long once = inOrder.stream()
                .mapToLong(parameter -> parameter.getShape().size())
                .sum();
        return size + each - once;
    }

    /** The vectors of the sites, one after the other in the sites' order: a copy on the device. */
    NDArray siteVectors() {
        try (NDArray section = values.get("0:{}", siteElements)) {
            return section.duplicate();
        }
    }

    /** The parameter of a slice, which may be of any network. */
    Parameter parameter(Slice slice) {
        return byName.get(Slice.network(slice.parameter())).get(Slice.withoutNetwork(slice.parameter()));
    }

    /** Where a parameter begins. */
    long offset(Parameter parameter) {
        return offsets.get(parameter);
    }

    /** A view of a parameter. */
    NDArray view(Parameter parameter) {
        return slice(values, offsets.get(parameter), parameter.getShape());
    }

    /**
     * The parameters in an array of this layout, copied to Java memory when their values are asked for: as they are
     * then, and as long as the array is there.
     *
     * @param network whose parameters, by their Hugging Face names
     * @param which only those of these leaves
     */
    Map<String, HostTensor> deferred(NDArray flat, String network, Iterable<Leaf> which, String prefix) {
        Set<Parameter> wanted = new HashSet<>();
        which.forEach(leaf -> wanted.addAll(leaf.parameters()));
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        byName.get(network).forEach((name, parameter) -> {
            if (wanted.contains(parameter)) {
                long[] shape = parameter.getShape().getShape().clone();
                long offset = offsets.get(parameter);
                tensors.put(
                        prefix + name, HostTensor.deferred(shape, (from, count) -> copy(flat, offset + from, count)));
            }
        });
        return tensors;
    }

    /** Copies an array of this layout to Java memory; see {@link #deferred}. */
    Map<String, HostTensor> toHost(NDArray flat, String network, Iterable<Leaf> which, String prefix) {
        Map<String, HostTensor> tensors = deferred(flat, network, which, prefix);
        tensors.replaceAll((name, tensor) -> new HostTensor(tensor.shape(), tensor.values()));
        return tensors;
    }

    private static float[] copy(NDArray flat, long offset, int count) {
        try (NDArray part = flat.get("{}:{}", offset, offset + count)) {
            return DeviceReads.copy(part);
        }
    }

    /**
     * Takes an array of this layout from Java memory.
     *
     * @param network whose parameters, by their Hugging Face names
     * @param which only those of these leaves
     * @throws IllegalArgumentException if a tensor is missing or has another shape
     */
    void fromHost(NDArray flat, String network, Map<String, HostTensor> tensors, Iterable<Leaf> which, String prefix) {
        Set<Parameter> wanted = new HashSet<>();
        which.forEach(leaf -> wanted.addAll(leaf.parameters()));
        byName.get(network).forEach((name, parameter) -> {
            if (!wanted.contains(parameter)) {
                return;
            }
            HostTensor tensor = tensors.get(prefix + name);
            if (tensor == null || !new Shape(tensor.shape()).equals(parameter.getShape())) {
                throw new IllegalArgumentException(
                        prefix + name + " is missing or not of shape " + parameter.getShape());
            }
            try (NDArray array = manager.create(tensor.values())) {
                write(flat, offsets.get(parameter), array);
            }
        });
    }

    private Map<String, Parameter> main() {
        return byName.get(PretrainingModel.MAIN);
    }

    /** A copy of a parameter of the main network. */
    public HostTensor read(String name) {
        Parameter parameter = main().get(name);
        return new HostTensor(
                parameter.getShape().getShape().clone(),
                copy(
                        values,
                        offsets.get(parameter),
                        Math.toIntExact(parameter.getShape().size())));
    }

    /** Replaces the values of a parameter of the main network. */
    public void write(String name, float[] replacement) {
        Parameter parameter = main().get(name);
        try (NDManager scope = manager.newSubManager()) {
            write(values, offsets.get(parameter), scope.create(replacement));
        }
    }

    /** Replaces a parameter's values by those in native memory, float32 in the machine's byte order. */
    public void write(String name, ByteBuffer replacement) {
        Parameter parameter = main().get(name);
        try (NDManager scope = manager.newSubManager()) {
            write(values, offsets.get(parameter), scope.create(replacement, parameter.getShape(), DataType.FLOAT32));
        }
    }

    /** Shape of a parameter of the main network, or null if there is none of that name. */
    public Shape shape(String name) {
        Parameter parameter = main().get(name);
        return parameter == null ? null : parameter.getShape();
    }

    /** Names of the main network's parameters. */
    public Set<String> names() {
        return main().keySet();
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
