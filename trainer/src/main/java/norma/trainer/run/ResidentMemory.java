package norma.trainer.run;

import java.nio.file.Path;
import java.util.OptionalLong;

/** How much of the machine's memory this process holds: Java's heap and the native arrays together. */
public final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ResidentMemory() {}

    /** VmRSS of proc(5), in bytes; empty where the system does not tell it in that way. */
    public static OptionalLong bytes() {
        return MachineMemory.field(STATUS, "VmRSS:");
    }

    /** VmHWM of proc(5), the most that it has held, in bytes; empty as {@link #bytes}. */
    public static OptionalLong peakBytes() {
        return MachineMemory.field(STATUS, "VmHWM:");
    }
}
