package norma.sweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;

/**
 * The file of a sweep, read with the configuration of every run that it asks for.
 *
 * @param file that was read
 * @param base the configuration file that every run begins from
 * @param plan which runs
 * @param configs of the runs, by name
 * @param set keys that the sweep gives a value of its own in every run
 */
public record SweepFile(Path file, Path base, SweepPlan plan, Map<String, RunConfig> configs, Set<String> set) {
    private static final String NAME = "name";
    private static final String SEED = "seed";

    public SweepFile {
        configs = Map.copyOf(configs);
        set = Set.copyOf(set);
    }

    /** The file that says what a key of a run's configuration is. */
    public String sourceOf(String key, SweepPoint point) {
        boolean ofSweep = point.values().containsKey(key) || set.contains(key);
        return (ofSweep ? file : base).toString();
    }

    /**
     * Reads a file and the configuration that it names.
     *
     * @throws InvalidInputException if anything about them is wrong, with file and key
     */
    public static SweepFile read(Path file) {
        SweepConfig config = RunConfigYaml.read(file, SweepConfig.class);
        return new Reader(file, config).read();
    }

    /** Reads one file; what is wrong with a configuration is said of the key of the sweep that made it so. */
    private static final class Reader {
        private final Path file;
        private final SweepConfig sweep;
        private final Path base;
        private final long baseSeed;

        Reader(Path file, SweepConfig sweep) {
            this.file = file;
            this.sweep = sweep;
            Path folder = file.toAbsolutePath().getParent();
            Path named = Path.of(sweep.base());
            Path resolved = folder.resolve(named).normalize();
            base = named.isAbsolute() || file.isAbsolute() ? resolved : relative(resolved);
            baseSeed = RunConfigYaml.read(base, List.of()).seed();
        }

        private static Path relative(Path path) {
            Path here = Path.of("").toAbsolutePath();
            return path.startsWith(here) ? here.relativize(path) : path;
        }

        SweepFile read() {
            String name = sweep.name() == null ? fileName() : sweep.name();
            requireNoSeed();
            List<SweepPoint> points = points();
            List<Long> seeds = sweep.seeds().isEmpty() ? List.of(baseSeed) : sweep.seeds();
            List<SweptRun> runs = new ArrayList<>();
            Map<String, RunConfig> configs = new LinkedHashMap<>();
            for (SweepPoint point : points) {
                for (long seed : seeds) {
                    String run = name + (points.size() == 1 && point.equals(SweepPoint.BASE) ? "" : "-" + point.name())
                            + "-seed-" + seed;
                    runs.add(new SweptRun(run, point, seed));
                    configs.put(run, config(point, points.indexOf(point), seed));
                }
            }
            return new SweepFile(
                    file,
                    base,
                    new SweepPlan(name, base.toString(), swept(points), sweep.probes(), runs),
                    configs,
                    sweep.set().keySet());
        }

        private String fileName() {
            String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
            if (!name.matches("[\\w][\\w.-]*")) {
                throw InvalidInputException.of(
                        file.toString(), NAME, "nothing", "a name, for the file's is no name of a folder");
            }
            return name;
        }

        private List<SweepPoint> points() {
            List<SweepPoint> points = new ArrayList<>();
            if (!sweep.points().isEmpty()) {
                sweep.points().forEach(values -> points.add(named(values)));
            } else if (!sweep.grid().isEmpty()) {
                combinations(List.copyOf(sweep.grid().keySet()), new LinkedHashMap<>(), points);
            } else {
                points.add(SweepPoint.BASE);
            }
            Map<String, Integer> places = new HashMap<>();
            for (int i = 0; i < points.size(); i++) {
                String point = points.get(i).name();
                Integer before = places.put(point, i);
                if (before != null) {
                    boolean listed = !sweep.points().isEmpty();
                    throw InvalidInputException.of(
                            file.toString(),
                            listed ? "points[" + i + "]" : "grid",
                            "the name " + point + " twice",
                            listed
                                    ? "another name than that of points[" + before + "]"
                                    : "values with names of their own");
                }
            }
            return points;
        }

        private SweepPoint named(Map<String, JsonNode> values) {
            Map<String, String> texts = new LinkedHashMap<>();
            values.forEach((key, value) -> {
                if (!key.equals(NAME)) {
                    texts.put(key, text(value));
                }
            });
            if (!values.containsKey(NAME)) {
                return texts.isEmpty() ? SweepPoint.BASE : SweepPoint.of(texts);
            }
            JsonNode name = values.get(NAME);
            if (!name.isTextual() || !name.textValue().matches("[\\w][\\w.-]*")) {
                throw InvalidInputException.of(
                        file.toString(), "points.name", name, "letters, digits, dots, hyphens and underscores");
            }
            return new SweepPoint(name.textValue(), texts);
        }

        /** The first key changes slowest. */
        private void combinations(List<String> keys, Map<String, String> chosen, List<SweepPoint> points) {
            if (chosen.size() == keys.size()) {
                points.add(SweepPoint.of(chosen));
                return;
            }
            String key = keys.get(chosen.size());
            for (JsonNode value : sweep.grid().get(key)) {
                Map<String, String> more = new LinkedHashMap<>(chosen);
                more.put(key, text(value));
                combinations(keys, more, points);
            }
        }

        private List<String> swept(List<SweepPoint> points) {
            return points.stream()
                    .flatMap(point -> point.values().keySet().stream())
                    .distinct()
                    .toList();
        }

        private void requireNoSeed() {
            List<String> places = new ArrayList<>();
            if (sweep.set().containsKey(SEED)) {
                places.add("set");
            }
            if (sweep.grid().containsKey(SEED)) {
                places.add("grid");
            }
            if (sweep.points().stream().anyMatch(point -> point.containsKey(SEED))) {
                places.add("points");
            }
            if (!places.isEmpty()) {
                throw InvalidInputException.of(
                        file.toString(), places.get(0) + "." + SEED, "a seed", "the seeds under seeds: [1, 2, 3]");
            }
        }

        private RunConfig config(SweepPoint point, int index, long seed) {
            List<String> settings = new ArrayList<>();
            sweep.set().forEach((key, value) -> settings.add(key + "=" + text(value)));
            point.values().forEach((key, value) -> settings.add(key + "=" + value));
            settings.add(SEED + "=" + seed);
            try {
                return RunConfigYaml.read(base, settings);
            } catch (InvalidInputException e) {
                throw e.source().equals(InvalidInputException.SETTINGS)
                        ? e.at(file.toString(), place(e.key(), point, index))
                        : e;
            }
        }

        /** Where the file has a key of a configuration, or a group that it lies in. */
        private String place(String key, SweepPoint point, int index) {
            for (String known : point.values().keySet()) {
                if (key.equals(known) || key.startsWith(known + ".") || known.startsWith(key + ".")) {
                    return (sweep.points().isEmpty() ? "grid." : "points[" + index + "].") + key;
                }
            }
            return (key.equals(SEED) ? "" : "set.") + (key.equals(SEED) ? "seeds" : key);
        }

        /** As a setting is written: YAML takes JSON. */
        private static String text(JsonNode value) {
            return value.isTextual() && value.textValue().matches("[A-Za-z][\\w+/-]*") && !isWord(value.textValue())
                    ? value.textValue()
                    : value.toString();
        }

        /** Words that YAML takes for something else than a text. */
        private static boolean isWord(String text) {
            return text.matches("(?i)true|false|yes|no|on|off|null|y|n");
        }
    }
}
