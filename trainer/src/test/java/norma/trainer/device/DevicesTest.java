package norma.trainer.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class DevicesTest {
    private static final String TF32 = "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE";

    private static RunConfig config(String yaml) {
        return RunConfigYaml.parse(yaml, "a.yaml", List.of());
    }

    /** The switch as libtorch reads it: from the C library's environment, of which Java's own is a copy. */
    @Test
    void tf32_isSwitchedOnWithTheDevices_andOnlyWhenAskedFor() {
        Function getenv = NativeLibrary.getInstance("c").getFunction("getenv");
        Function unsetenv = NativeLibrary.getInstance("c").getFunction("unsetenv");
        unsetenv.invokeInt(new Object[] {TF32});
        assertThat(config("training: {precision: float32}").devices()).containsExactly(Device.cpu());
        assertThat(getenv.invokeString(new Object[] {TF32}, false)).isNull();
        assertThat(config("training: {precision: tf32}").devices()).containsExactly(Device.cpu());
        assertThat(getenv.invokeString(new Object[] {TF32}, false)).isEqualTo("1");
        unsetenv.invokeInt(new Object[] {TF32});
    }

    @Test
    void theBuildOfLibtorch_isThatOfAPipTorch_orTheFolderOfDjlsCache(@TempDir Path folder) throws IOException {
        Path lib = Files.createDirectories(folder.resolve("torch/lib"));
        assertThat(Libtorch.name(lib)).isEqualTo("lib");
        Files.writeString(
                folder.resolve("torch/version.py"), "__all__ = ['__version__']\n__version__ = '2.7.1+cu126'\n");
        assertThat(Libtorch.name(lib)).isEqualTo("2.7.1+cu126");
        assertThat(Libtorch.name(folder.resolve("2.7.1-cu128-linux-x86_64"))).isEqualTo("2.7.1-cu128-linux-x86_64");
        assertThat(Libtorch.build())
                .startsWith(Libtorch.name(Libtorch.folder()) + " (")
                .contains("MKL");
    }

    @Test
    void severalDevices_areThoseNamed_andAGpuOnlyOnce() {
        assertThat(Devices.parseAll("cpu,cpu,cpu")).hasSize(3).containsOnly(Device.cpu());
        assertThatThrownBy(() -> Devices.parseAll("gpu:1,1"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("settings: device: found gpu:1,1, expected each GPU once");
        assertThatThrownBy(() -> Devices.parseAll("cpu,gpu:0"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("several GPUs as gpu:0,1");
        assertThatThrownBy(() -> Devices.parse("cpu,cpu"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("settings: device: found cpu,cpu, expected cpu, gpu or gpu:N");
    }
}
