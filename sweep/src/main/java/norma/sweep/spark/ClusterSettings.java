package norma.sweep.spark;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;

/**
 * Where a sweep runs.
 *
 * @param master as Spark writes it: {@code local[N]}, {@code spark://HOST:PORT}, {@code k8s://…} or {@code yarn}
 * @param threads of each run
 * @param executorMemory of each executor, as Spark writes it; empty for as much as a run takes
 * @param conf further settings of Spark's, which win over ours
 * @param patience how long to wait for the first executor
 */
public record ClusterSettings(
        String master, int threads, Optional<String> executorMemory, Map<String, String> conf, Duration patience) {
    private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\d{1,5}|\\*)])?");
    private static final Pattern OTHERS = Pattern.compile("spark://[^:/,]+:\\d+(,[^:/,]+:\\d+)*|k8s://\\S+|yarn");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6})([kmgt])b?", Pattern.CASE_INSENSITIVE);

    public ClusterSettings {
        conf = Collections.unmodifiableMap(new LinkedHashMap<>(conf));
        if (threads < 1) {
            throw InvalidInputException.setting("threads", threads, "a whole number of at least 1");
        }
        Matcher local = LOCAL.matcher(master);
        if (!local.matches() && !OTHERS.matcher(master).matches()) {
            throw InvalidInputException.setting(
                    "master", master, "local[N], spark://HOST:PORT, k8s://URL or yarn, as Spark writes it");
        }
        if (local.matches() && cores(local) < threads) {
            throw InvalidInputException.setting(
                    "threads", threads, "at most " + cores(local) + ", the cores of " + master);
        }
        executorMemory.ifPresent(ClusterSettings::bytes);
        if (local.matches() && executorMemory.isPresent()) {
            throw InvalidInputException.setting(
                    "executor-memory",
                    executorMemory.get(),
                    "none with " + master + ": there the memory is what is free in this machine");
        }
    }

    /** Cores of this machine that are used; empty on a cluster. */
    public OptionalInt localCores() {
        Matcher local = LOCAL.matcher(master);
        return local.matches() ? OptionalInt.of(cores(local)) : OptionalInt.empty();
    }

    private static int cores(Matcher local) {
        String cores = local.group(1);
        if (cores == null) {
            return 1;
        }
        return cores.equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(cores);
    }

    /** A size as Spark writes it, in bytes. */
    static long bytes(String size) {
        Matcher matcher = SIZE.matcher(size);
        if (!matcher.matches()) {
            throw InvalidInputException.setting("executor-memory", size, "a size such as 1500m or 4g");
        }
        int power = "kmgt".indexOf(Character.toLowerCase(matcher.group(2).charAt(0))) + 1;
        return Long.parseLong(matcher.group(1)) << (10 * power);
    }
}
