package norma.trainer.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a device multiplies matrices in bf16 by instructions of its own; without them float32 is the faster one. */
public final class Bf16Support {
    private static final Path CPU = Path.of("/proc/cpuinfo");
    /** AVX-512's and AMX's on x86, and Arm's. */
    private static final Set<String> FLAGS = Set.of("avx512_bf16", "amx_bf16", "bf16");

    private static final int GPU_MAJOR = 8;
    private static final int GPU_MINOR = 0;

    private Bf16Support() {}

    /**
     * What speaks against bf16, in words; empty if nothing does.
     *
     * @param device as a configuration names it, one or several
     */
    public static Optional<String> problem(String device) {
        return device.startsWith("gpu") ? problem(CudaDriver.ask().cards(), device) : problemOfCpu(CPU);
    }

    static Optional<String> problem(List<CudaDriver.Card> cards, String device) {
        return Arrays.stream(Devices.indices(device))
                .filter(index -> index < cards.size())
                .mapToObj(cards::get)
                .filter(card -> !card.hasAtLeast(GPU_MAJOR, GPU_MINOR))
                .findFirst()
                .map(card -> card + " has no bf16 instructions, which come with compute capability " + GPU_MAJOR + "."
                        + GPU_MINOR);
    }

    /** Of the CPU that a file in the form of Linux's {@code /proc/cpuinfo} describes. */
    static Optional<String> problemOfCpu(Path cpuinfo) {
        List<String> lines;
        try {
            lines = Files.readAllLines(cpuinfo);
        } catch (IOException e) {
            return Optional.of("whether this CPU has bf16 instructions cannot be told here, there is no " + cpuinfo);
        }
        boolean has = lines.stream()
                .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                .flatMap(line ->
                        List.of(line.substring(line.indexOf(':') + 1).strip().split(" +")).stream())
                .anyMatch(FLAGS::contains);
        return has
                ? Optional.empty()
                : Optional.of("this CPU has no bf16 instructions (avx512_bf16 or amx_bf16), so that every product would"
                        + " be imitated");
    }
}
