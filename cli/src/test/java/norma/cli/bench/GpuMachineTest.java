package norma.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import norma.trainer.device.CudaDriver;
import norma.trainer.device.CudaStub;
import norma.trainer.device.Devices;
import norma.trainer.device.Libtorch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine with NVIDIA's driver and without the CUDA toolkit, made up: a stub of the driver, a process of its own
 * without the CPU build on its class path, and a cache of DJL's in a temporary folder. Nothing is fetched.
 */
@Tag("run")
class GpuMachineTest {
    private static final String CUDA_BUILD = "pytorch/2.7.1-cu128-linux-x86_64";

    @TempDir
    private Path folder;

    @BeforeAll
    static void onlyWhereDjlPublishesACudaBuild() {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "skipped: DJL has a CUDA build for Linux on x86-64");
    }

    private final List<Path> links = new ArrayList<>();

    private record Answer(int code, String text) {}

    private Path cache() throws IOException {
        return Files.createDirectories(folder.resolve("cache"));
    }

    /** What {@code doctor} says of a GPU with DJL's variables as the launcher sets them, and with these. */
    private Answer doctor(boolean cpuBuild, Map<String, String> variables, String... properties) throws Exception {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> cpuBuild || !entry.contains("pytorch-native-cpu"))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-cp", classPath));
        command.addAll(List.of(properties));
        command.addAll(List.of("norma.cli.Norma", "doctor", "--device", "gpu"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(key -> key.startsWith("PYTORCH_") || key.startsWith("DJL_"));
        builder.environment().put("DJL_CACHE_DIR", cache().toString());
        builder.environment().put("PYTORCH_FLAVOR", "cu128");
        builder.environment().putAll(variables);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), text);
    }

    private String stub() throws Exception {
        return "-Djna.library.path=" + CudaStub.compile(folder).getParent();
    }

    /** The libraries of the CPU build in a folder that does not say so. */
    private Path librariesIn(Path build, boolean withDjls) throws IOException {
        Devices.engine();
        Files.createDirectories(build);
        try (Stream<Path> libraries = Files.list(Libtorch.folder())) {
            for (Path library : libraries.toList()) {
                if (withDjls || !library.toString().contains("djl_torch")) {
                    links.add(Files.createSymbolicLink(build.resolve(library.getFileName()), library.toRealPath()));
                }
            }
        }
        return build;
    }

    @AfterEach
    void deleteLinks() throws IOException {
        for (Path link : links) {
            Files.delete(link);
        }
    }

    @Test
    void withoutADriver_nothingIsLoadedOrFetched() throws Exception {
        assumeTrue(CudaDriver.ask().cards().isEmpty(), "skipped: there is a GPU here");
        Answer answer = doctor(false, Map.of());
        assertThat(answer.code()).as(answer.text()).isEqualTo(2);
        assertThat(answer.text()).contains("device: found gpu, expected cpu: ").contains("NVIDIA driver");
        assertThat(cache()).isEmptyDirectory();
    }

    @Test
    void withTheDriverAlone_theCudaBuildOfTheCacheIsTaken() throws Exception {
        Path build = librariesIn(cache().resolve(CUDA_BUILD), true);
        Answer answer = doctor(false, Map.of("DJL_OFFLINE", "true"), stub());
        assertThat(answer.code()).as(answer.text()).isEqualTo(2);
        assertThat(answer.text())
                .contains("device: found gpu, expected cpu: the libtorch in " + build + " is a build for CPUs")
                .containsPattern("(?m)^driver +.*for CUDA up to 12.8$")
                .containsPattern("(?m)^gpu:1 +NVIDIA A100-SXM4-40GB, compute capability 8.1, 39.6 GiB$")
                .containsPattern("(?m)^PYTORCH_FLAVOR +cu128$");
    }

    @Test
    void offline_withoutIt_theFolderIsNamed() throws Exception {
        Answer answer = doctor(false, Map.of("DJL_OFFLINE", "true"), stub());
        assertThat(answer.code()).as(answer.text()).isEqualTo(2);
        assertThat(answer.text())
                .contains("libtorch: not in " + cache().resolve(CUDA_BUILD) + ", and DJL may not fetch it");
    }

    /** A proxy that nobody listens at stands for a network that cannot be reached. */
    @Test
    void theDownload_isAnnouncedWithSizeAndFolder_andItsFailureIsASentence() throws Exception {
        Answer answer = doctor(false, Map.of(), stub(), "-Dhttps.proxyHost=127.0.0.1", "-Dhttps.proxyPort=1");
        assertThat(answer.code()).as(answer.text()).isEqualTo(2);
        Path build = cache().resolve(CUDA_BUILD);
        assertThat(answer.text())
                .contains("its CUDA build (about 3 GB) from publish.djl.ai into " + build)
                .contains("libtorch: cannot be fetched into " + build + " (java.net.ConnectException")
                .doesNotContain("internal error");
    }

    @Test
    void theCpuBuildOnTheClassPath_isCalledOne() throws Exception {
        Answer answer = doctor(true, Map.of("DJL_OFFLINE", "true"), stub());
        assertThat(answer.code()).as(answer.text()).isEqualTo(2);
        assertThat(answer.text()).contains("device: found gpu, expected cpu: the libtorch in ", " is a build for CPUs");
    }

    @Test
    void aPipTorch_isTakenFromItsFolder_andTheFlavorHasToBeOneThatDjlHas() throws Exception {
        Path lib = librariesIn(folder.resolve("site-packages/torch/lib"), false);
        librariesIn(cache().resolve(CUDA_BUILD), true); // for DJL's own library, which is that of a CPU here
        Map<String, String> named = Map.of("DJL_OFFLINE", "true", "PYTORCH_LIBRARY_PATH", lib.toString());
        Answer answer = doctor(false, named, stub());
        assertThat(answer.code()).as(answer.text()).isEqualTo(2);
        assertThat(answer.text()).contains("the libtorch in " + lib + " is a build for CPUs");

        Map<String, String> other =
                Map.of("DJL_OFFLINE", "true", "PYTORCH_LIBRARY_PATH", lib.toString(), "PYTORCH_FLAVOR", "cu126");
        assertThat(doctor(false, other, stub()).text())
                .contains("PYTORCH_FLAVOR: found cu126, expected cu128 for any build for CUDA 12, or cpu");

        Map<String, String> empty = Map.of("PYTORCH_LIBRARY_PATH", folder.toString());
        assertThat(doctor(false, empty, stub()).text())
                .contains("PYTORCH_LIBRARY_PATH: found " + folder + ", expected a folder that holds libtorch.so");
    }
}
