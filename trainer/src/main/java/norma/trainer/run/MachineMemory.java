package norma.trainer.run;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/** How much memory there is for this process, and what of it Java and libtorch take without an array. */
public final class MachineMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final double GIBIBYTE = 1L << 30;
    private static final long MEBIBYTE = 1L << 20;

    /** A process that has loaded libtorch and made no array: measured at 215 to 230 MiB. */
    private static final long LIBRARIES = 230 * MEBIBYTE;

    /** What {@code ./norma} bounds Java's young generation at. */
    private static final long MOST_YOUNG = 512 * MEBIBYTE;

    private MachineMemory() {}

    /** All that this machine has, or the limit of the container (cgroup), in bytes. */
    public static long total() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    /**
     * What this process can have: what is free, by MemAvailable of proc(5), and what it holds already; at most
     * {@link #total}. Where the system does not tell, all there is.
     */
    public static long available() {
        OptionalLong free = field(MEMINFO, "MemAvailable:");
        return free.isEmpty()
                ? total()
                : Math.min(total(), free.getAsLong() + ResidentMemory.bytes().orElse(0));
    }

    /**
     * What the process takes besides arrays: libtorch, Java's young generation, which fills in time, and the old one,
     * which begins with two thirds of the first heap.
     */
    public static double process() {
        double young = Math.min(MOST_YOUNG, option("MaxNewSize"));
        double old = option("InitialHeapSize") * 2.0 / 3;
        return LIBRARIES + young + old;
    }

    private static long option(String name) {
        HotSpotDiagnosticMXBean java = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return Long.parseLong(java.getVMOption(name).getValue());
    }

    /** A field of a file of proc(5), in bytes. */
    static OptionalLong field(Path file, String name) {
        if (!Files.isReadable(file)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** A size for people: in MiB, from 1 GiB on in GiB with a decimal. */
    public static String size(double bytes) {
        return bytes < GIBIBYTE
                ? String.format(Locale.ROOT, "%.0f MiB", bytes / MEBIBYTE)
                : String.format(Locale.ROOT, "%,.1f GiB", bytes / GIBIBYTE);
    }
}
