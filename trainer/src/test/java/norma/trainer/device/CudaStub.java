package norma.trainer.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A library with the driver's functions, whose answers are in the environment, for machines without a GPU. */
public final class CudaStub {
    private static final String SOURCE = """
            #include <stdlib.h>
            #include <string.h>
            static const char *text(const char *key, const char *otherwise) {
                return getenv(key) ? getenv(key) : otherwise;
            }
            static int number(const char *key, int otherwise) {
                return getenv(key) ? atoi(getenv(key)) : otherwise;
            }
            int cuDriverGetVersion(int *version) { *version = number("STUB_CUDA", 12080); return 0; }
            int cuInit(unsigned flags) { return flags ? 1 : number("STUB_INIT", 0); }
            int cuDeviceGetCount(int *count) { *count = number("STUB_CARDS", 2); return 0; }
            int cuDeviceGet(int *device, int index) { *device = 100 + index; return 0; }
            int cuDeviceGetName(char *name, int length, int device) {
                strncpy(name, device == 100 ? "NVIDIA A100-SXM4-40GB" : text("STUB_SECOND", "NVIDIA A100-SXM4-40GB"), length);
                return device < 100;
            }
            int cuDeviceGetAttribute(int *value, int attribute, int device) {
                *value = attribute == 75 ? 8 : attribute == 76 ? device - 100 : -1;
                return 0;
            }
            int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = 42505273344; return device < 100; }
            int cuGetErrorString(int error, const char **said) { *said = "as the driver says"; return 0; }
            """;

    private CudaStub() {}

    /** Makes {@code libcuda.so.1} in a folder; skips the test, and says why, on a machine without a C compiler. */
    public static Path compile(Path folder) throws IOException, InterruptedException {
        assumeTrue(compiles(), "skipped: no C compiler here (cc), which makes the stub of NVIDIA's driver");
        Path source = folder.resolve("stub.c");
        Files.writeString(source, SOURCE);
        Path library = folder.resolve("libcuda.so.1");
        Process process = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return library;
    }

    private static boolean compiles() throws InterruptedException {
        try {
            Process process = new ProcessBuilder("cc", "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
