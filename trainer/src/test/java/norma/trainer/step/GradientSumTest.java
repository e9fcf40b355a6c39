package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.List;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Devices;
import norma.trainer.device.Upload;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The sum of three replicas' gradients, whose sizes leave each of the four remainders of 4. */
@Tag("engine")
class GradientSumTest {
    private static List<PtNDArray> gradients(NDManager scope, float first) {
        return List.of(
                (PtNDArray) scope.create(new float[] {first, 2}),
                (PtNDArray) scope.create(new float[] {3, 4, 5, first, 7, 8, 9}, new Shape(7, 1)),
                (PtNDArray) scope.create(new float[] {1, 2, 3, first}, new Shape(2, 2)),
                (PtNDArray) scope.create(new float[] {first}));
    }

    @Test
    void eachReplicaGetsTheSum_inPiecesThatBeginAt16Bytes() {
        try (NDManager scope = Devices.engine().newBaseManager(Device.cpu());
                Upload upload = Upload.to(scope);
                GradientSum sum = new GradientSum(scope)) {
            List<List<PtNDArray>> sums = sum.of(
                    List.of(gradients(scope, 1), gradients(scope, 10), gradients(scope, 100)),
                    List.of(upload, upload, upload),
                    List.of(scope, scope, scope));
            assertThat(sums).hasSize(3);
            for (List<PtNDArray> own : sums) {
                assertThat(own)
                        .extracting(PtNDArray::getShape)
                        .containsExactly(new Shape(2), new Shape(7, 1), new Shape(2, 2), new Shape(1));
                assertThat(DeviceReads.copy(own.get(0))).containsExactly(111, 6);
                assertThat(DeviceReads.copy(own.get(1))).containsExactly(9, 12, 15, 111, 21, 24, 27);
                assertThat(DeviceReads.copy(own.get(2))).containsExactly(3, 6, 9, 111);
                assertThat(DeviceReads.copy(own.get(3))).containsExactly(111);
                for (PtNDArray piece : own) {
                    Pointer memory = Native.getDirectBufferPointer(piece.toByteBuffer(true));
                    assertThat(Pointer.nativeValue(memory) % 16).isZero();
                }
            }
        }
    }
}
