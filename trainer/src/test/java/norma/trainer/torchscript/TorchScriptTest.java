package norma.trainer.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import norma.trainer.device.Devices;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Functions compiled from text. */
@Tag("engine")
class TorchScriptTest {
    private static final String FUNCTIONS = """
              def twice(self: __torch__.Functions, x: Tensor) -> Tensor:
                return torch.mul(x, 2)
              def swapped(self: __torch__.Functions, x: Tensor, y: Tensor) -> Tuple[Tensor, Tensor]:
                return (y, x)
            """;

    /** On a GPU an array that is made for a call would be uploaded, and that waits for all that the GPU has to do. */
    @Test
    void aCall_makesNoArrayOnTheDevice() {
        try (NDManager device = Devices.engine().newBaseManager(Device.cpu());
                NDManager scope = Devices.engine().newBaseManager(Device.cpu());
                TorchScript script = TorchScript.compile(device, FUNCTIONS)) {
            device.cap();
            assertThatThrownBy(() -> device.create(0f)).hasMessageContaining("capped");
            for (float x = 0; x < 3; x++) {
                NDList doubled = script.call("twice", new NDList(scope.create(x)));
                assertThat(doubled.singletonOrThrow().getFloat()).isEqualTo(2 * x);
                assertThat(doubled.singletonOrThrow().getManager()).isSameAs(scope);
                NDList both = script.call("swapped", new NDList(scope.create(x), scope.create(7f)));
                assertThat(both.get(0).getFloat()).isEqualTo(7f);
                assertThat(both.get(1).getFloat()).isEqualTo(x);
            }
            assertThat(device.getManagedArrays()).hasSize(2); // a name for each function, of a manager in host memory
        }
    }
}
