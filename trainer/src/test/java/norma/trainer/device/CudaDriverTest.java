package norma.trainer.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.NativeLibrary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.trainer.device.CudaDriver.Card;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of NVIDIA's driver, and what is made of its answers. */
@Tag("unit")
class CudaDriverTest {
    private static final Card A100 = new Card("NVIDIA A100-SXM4-40GB", 8, 0, 42_505_273_344L);
    private static final Card T4 = new Card("Tesla T4", 7, 5, 15_828_320_256L);

    @TempDir
    private Path folder;

    private static void set(String key, String value) {
        NativeLibrary c = NativeLibrary.getInstance("c");
        if (value == null) {
            c.getFunction("unsetenv").invokeInt(new Object[] {key});
        } else {
            c.getFunction("setenv").invokeInt(new Object[] {key, value, 1});
        }
    }

    /** What the stub answers while one of its variables has a value. */
    private static CudaDriver ask(Path library, String key, String value) {
        set(key, value);
        try {
            return CudaDriver.ask(library.toString());
        } finally {
            set(key, null);
        }
    }

    private static void require(String name, CudaDriver driver, int... indices) {
        Devices.requireCards(name, indices, driver);
    }

    @Test
    void withoutADriver_thereIsAReasonAndNoCard() {
        CudaDriver driver = CudaDriver.ask("libcuda-of-another-machine.so.1");
        assertThat(driver.cards()).isEmpty();
        assertThatThrownBy(() -> require("gpu", driver, 0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "settings: device: found gpu, expected cpu: there is no NVIDIA driver here (libcuda.so.1 cannot be"
                                + " loaded)");
    }

    @Test
    void cards_haveNameCapabilityAndMemory() throws Exception {
        CudaDriver driver = CudaDriver.ask(CudaStub.compile(folder).toString());
        assertThat(driver.problem()).isNull();
        assertThat(driver.cuda()).isEqualTo("12.8");
        assertThat(driver.cards()).containsExactly(A100, new Card("NVIDIA A100-SXM4-40GB", 8, 1, 42_505_273_344L));
        assertThat(A100).hasToString("NVIDIA A100-SXM4-40GB, compute capability 8.0, 39.6 GiB");
        require("gpu:0,1", driver, 0, 1);
    }

    @Test
    void aDriverThatCannotCompute_saysWhy() throws Exception {
        Path library = CudaStub.compile(folder);
        assertThat(ask(library, "STUB_CUDA", "11040").problem())
                .isEqualTo("the NVIDIA driver is too old: it knows CUDA up to 11.4, and one for CUDA 12.0 (525.60.13)"
                        + " or newer is needed");
        assertThat(ask(library, "STUB_CUDA", "12000").problem()).isNull();
        assertThat(ask(library, "STUB_INIT", "803").problem())
                .isEqualTo("the NVIDIA driver answers with error 803 (as the driver says)");
        assertThat(ask(library, "STUB_INIT", "100").problem()).startsWith("the NVIDIA driver finds no card");
        assertThat(ask(library, "STUB_CARDS", "0").problem()).startsWith("the NVIDIA driver finds no card");
        assertThat(ask(library, "STUB_CARDS", "1").cards()).containsExactly(A100);
    }

    @Test
    void theDriversOwnVersion_isReadFromItsKernelModule() throws Exception {
        Path file = Files.writeString(folder.resolve("version"), """
                NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (root@abc)
                GCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)
                """);
        assertThat(CudaDriver.version(file)).contains("570.86.15");
        assertThat(CudaDriver.version(folder.resolve("none"))).isEmpty();
    }

    /** The mathematical library can be loaded everywhere, and is no driver. */
    @Test
    void aLibraryThatIsNoDriver_isNamed() {
        assertThat(CudaDriver.ask("m").problem())
                .startsWith("the driver's library m is none: ")
                .contains("cuDriverGetVersion");
    }

    @Test
    void aCardThatIsNotThere_andCardsOfTwoKinds_areRefused() {
        CudaDriver one = new CudaDriver(null, 12_080, List.of(A100));
        CudaDriver unlike = new CudaDriver(null, 12_080, List.of(A100, T4, A100));
        assertThatThrownBy(() -> require("gpu:1", one, 1))
                .hasMessage(
                        "settings: device: found gpu:1, expected cpu or gpu:0 (NVIDIA A100-SXM4-40GB, compute capability 8.0,"
                                + " 39.6 GiB)");
        assertThatThrownBy(() -> require("gpu:7", unlike, 7))
                .hasMessage("settings: device: found gpu:7, expected cpu or gpu:0 to gpu:2");
        assertThatThrownBy(() -> require("gpu:0,1", unlike, 0, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "settings: device: found gpu:0,1, expected cards of one kind, or their replicas drift apart: gpu:0 is"
                                + " NVIDIA A100-SXM4-40GB, gpu:1 is Tesla T4");
        require("gpu:0,2", unlike, 0, 2);
        require("gpu:1", unlike, 1);
    }
}
