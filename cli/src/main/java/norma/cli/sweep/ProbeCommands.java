package norma.cli.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import norma.datasets.base.InvalidInputException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The probes of a sweep: commands as they are typed, without the run. */
final class ProbeCommands {
    private static final Set<String> PROBES =
            new TreeSet<>(Set.of("outliers", "emergence", "ablate", "attention", "report", "verify"));

    private ProbeCommands() {}

    /**
     * Refuses what the commands would refuse to parse.
     *
     * @param file of the sweep, for messages
     * @param root the command that has all others
     */
    static void require(String file, List<String> probes, CommandLine root) {
        for (int i = 0; i < probes.size(); i++) {
            List<String> arguments = arguments(probes.get(i), "run");
            String name = arguments.get(0);
            if (!PROBES.contains(name)) {
                throw wrong(file, i, probes.get(i), "one of " + String.join(", ", PROBES) + ", with its options");
            }
            try {
                root.getSubcommands()
                        .get(name)
                        .parseArgs(arguments.subList(1, arguments.size()).toArray(String[]::new));
            } catch (ParameterException e) {
                String problem = e.getMessage().lines().findFirst().orElse("").strip();
                throw wrong(file, i, probes.get(i), "what norma " + name + " takes: " + problem);
            }
        }
    }

    private static InvalidInputException wrong(String file, int index, String probe, String expected) {
        return InvalidInputException.of(file, "probes[" + index + "]", probe, expected);
    }

    /** The arguments of each, by what the file calls it. */
    static Map<String, List<String>> of(List<String> probes, String run) {
        Map<String, List<String>> commands = new LinkedHashMap<>();
        probes.forEach(probe -> commands.put(probe, arguments(probe, run)));
        return commands;
    }

    private static List<String> arguments(String probe, String run) {
        List<String> words = new ArrayList<>(Arrays.asList(probe.strip().split("\\s+")));
        words.add(1, run);
        return words;
    }
}
