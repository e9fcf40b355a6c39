package norma.trainer.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import norma.trainer.device.Devices;
import norma.trainer.model.Kernels;
import norma.trainer.model.Precision;
import norma.trainer.model.TransformerShape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The two forms of GELU in all kernels, from their formulas in double precision (Python's math.erf and math.tanh). */
@Tag("engine")
class ActivationTest {
    @ParameterizedTest
    @CsvSource({
        "gelu,     -3,  -0.00404969409489",
        "gelu,     -1,  -0.15865525393146",
        "gelu,     0.5,  0.34573123063701",
        "gelu,     1,    0.84134474606854",
        "gelu,     2,    1.95449973610364",
        "gelu_new, -3,  -0.00363739208177",
        "gelu_new, -1,  -0.15880800939172",
        "gelu_new, 0.5,  0.34571400982514",
        "gelu_new, 1,    0.84119199060828",
        "gelu_new, 2,    1.95459769408778",
        "relu,     -3,   0",
        "relu,     2,    2"
    })
    void activation_hasTheValuesOfItsFormula(String name, float x, double expected) {
        for (KernelSet.Way way : KernelSet.Way.values()) {
            try (NDManager manager = Devices.engine().newBaseManager();
                    KernelSet kernels = new KernelSet(manager, new KernelSet.Choice(way, Precision.FLOAT32))) {
                Kernels ofShape = kernels.of(new TransformerShape(2, 1, name, 0, 0, 1e-12));
                assertThat((double) ofShape.activation(manager.create(new float[] {x}))
                                .toFloatArray()[0])
                        .as("%s", way)
                        .isCloseTo(expected, within(1e-6));
            }
        }
    }
}
