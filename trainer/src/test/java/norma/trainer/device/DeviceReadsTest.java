package norma.trainer.device;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reads of arrays that behave as DJL's on a GPU do. */
@Tag("engine")
class DeviceReadsTest {
    /** An array that, asked for its values, hangs a copy in a manager of its own below its manager, as DJL does. */
    private static NDArray onAGpu(NDArray array) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getName().matches("to(Float|Double|Long)Array")) {
                NDArray copy = array.duplicate();
                copy.attach(array.getManager().newSubManager(Device.cpu()));
                return method.invoke(copy);
            }
            Object result;
            try {
                result = method.invoke(array, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            return method.getName().equals("stopGradient") ? onAGpu((NDArray) result) : result;
        };
        return (NDArray)
                Proxy.newProxyInstance(DeviceReadsTest.class.getClassLoader(), new Class<?>[] {NDArray.class}, handler);
    }

    @Test
    void aRead_leavesNothingInTheArraysManager() {
        try (NDManager model = Devices.engine().newBaseManager(Device.cpu())) {
            NDArray floats = onAGpu(model.create(new float[] {1, 2.5f, -3}));
            NDArray doubles = onAGpu(model.create(new double[] {1, 1e-30}));
            NDArray longs = onAGpu(model.create(new long[] {7, 1L << 40}));
            floats.toFloatArray();
            assertThat(model.getManagedArrays()).as("what DJL leaves").hasSize(4);

            DeviceReads reads = new DeviceReads();
            List<Function<NDArray, float[]>> ways = List.of(reads::floats, DeviceReads::copy);
            for (Function<NDArray, float[]> way : ways) {
                assertThat(way.apply(floats)).containsExactly(1, 2.5f, -3);
            }
            assertThat(reads.doubles(doubles)).containsExactly(1, 1e-30);
            assertThat(DeviceReads.longs(longs)).containsExactly(7, 1L << 40);
            assertThat(model.getManagedArrays()).hasSize(4);
            assertThat(reads.count()).isEqualTo(2);
        }
    }
}
