package norma.trainer.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Functions in TorchScript, compiled by libtorch from their source text.
 *
 * <p>The source is put into the archive that libtorch's loader reads: a zip with the code as text and an object without
 * fields that carries its methods.
 */
public final class TorchScript implements AutoCloseable {
    /** An instance of {@code __torch__.Functions} without fields, as the loader wants it: a constant. */
    private static final String INSTANCE = "\u0080\u0002c__torch__\nFunctions\nq\u0000)\u0081q\u0001}q\u0002b.";
    /** The empty tuple of constants. */
    private static final String NO_CONSTANTS = "\u0080\u0002).";

    /** Of the operators' signatures: libtorch 1.13's and later, in which gelu has an approximation. */
    private static final String VERSION = "10\n";

    private final PtSymbolBlock module;
    private final NDManager host;
    private final Map<String, NDArray> names = new ConcurrentHashMap<>();

    private TorchScript(PtSymbolBlock module, NDManager host) {
        this.module = module;
        this.host = host;
    }

    /**
     * Compiles functions.
     *
     * @param manager owns the compiled functions
     * @param functions their source: methods of one class, indented by two blanks, as TorchScript serialises them
     * @throws IllegalStateException if libtorch refuses the source
     */
    public static TorchScript compile(NDManager manager, String functions) {
        JniUtils.setGraphExecutorOptimize(false);
        PtNDManager owner = (PtNDManager) manager;
        try {
            PtSymbolBlock module =
                    JniUtils.loadModule(owner, new ByteArrayInputStream(archive(functions)), false, false);
            return new TorchScript(module, owner.newSubManager(Device.cpu()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Calls a function on arrays, recorded by autograd where an argument asks for it.
     *
     * @param function its name
     * @param arguments one array per argument; results belong to the first one's manager
     */
    public NDList call(String function, NDList arguments) {
        NDList inputs = new NDList(arguments);
        inputs.add(names.computeIfAbsent(function, this::name));
        return IValueUtils.forward(module, inputs, true);
    }

    /**
     * What tells DJL which function to call: an array, of which nothing but its name is used. It is made once and in
     * host memory, for on a GPU every number that goes there from Java memory waits for all that the GPU still has to
     * do.
     */
    private NDArray name(String function) {
        NDArray name = host.create(0f);
        name.setName("module_method:" + function);
        return name;
    }

    /**
     * Calls a function for its effect or for a single array, without autograd. The arguments are closed.
     *
     * @return the result, for the caller to close
     */
    public IValue run(String function, IValue... arguments) {
        try {
            return IValueUtils.runMethod(module, function, arguments);
        } finally {
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    /** A list argument. */
    public static IValue list(List<PtNDArray> arrays) {
        return IValue.listFrom(arrays.toArray(PtNDArray[]::new));
    }

    @Override
    public void close() {
        host.close();
        module.close();
    }

    private static byte[] archive(String functions) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            entry(zip, "data.pkl", INSTANCE.getBytes(StandardCharsets.ISO_8859_1));
            entry(
                    zip,
                    "code/__torch__.py",
                    ("class Functions(Module):\n  __parameters__ = []\n  __buffers__ = []\n" + functions)
                            .getBytes(StandardCharsets.UTF_8));
            entry(zip, "constants.pkl", NO_CONSTANTS.getBytes(StandardCharsets.ISO_8859_1));
            entry(zip, "version", VERSION.getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }

    private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry("functions/" + name));
        zip.write(content);
        zip.closeEntry();
    }
}
