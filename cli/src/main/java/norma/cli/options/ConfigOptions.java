package norma.cli.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import norma.datasets.base.InvalidInputException;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import picocli.CommandLine.Option;

/** A configuration, as changed on the command line. */
public final class ConfigOptions {
    private static final Set<String> GROUPS = Set.of("data", "tokenizer", "model", "training");

    public static final String DESCRIPTION = "Configuration of a run, in YAML, such as configs/quickstart.yaml.";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A value of the configuration to replace, such as training.steps=200; repeatable.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "Device: cpu, gpu, gpu:N, or gpu:0,1 for several; the same as --set device=….")
    private String device;

    @Option(
            names = "--precision",
            paramLabel = "PRECISION",
            description = "Precision of training: float32, tf32, bf16 or auto; the same as --set training.precision=….")
    private String precision;

    private Path file;

    /** Reads a file; what follows speaks of it. */
    public RunConfig read(Path configuration) {
        return read(configuration, precision);
    }

    /** Reads a file once for each precision, of which there may be several between commas. */
    public List<RunConfig> readEach(Path configuration) {
        return precision == null
                ? List.of(read(configuration))
                : Arrays.stream(precision.split(",", -1))
                        .distinct()
                        .map(one -> read(configuration, one))
                        .toList();
    }

    private RunConfig read(Path configuration, String inPrecision) {
        file = configuration;
        List<String> all = new ArrayList<>(settings);
        if (device != null) {
            all.add("device=" + device);
        }
        if (inPrecision != null) {
            all.add("training.precision=" + inPrecision);
        }
        return RunConfigYaml.read(file, all);
    }

    /**
     * Does something with the configuration, and puts this file in front of what turns out to be wrong with a group of
     * it: whoever finds that while a run is made ready has the values only.
     */
    public <T> T located(Supplier<T> work) {
        try {
            return work.get();
        } catch (InvalidInputException e) {
            if (e.source().equals("config")) {
                throw e.at(file.toString(), e.key());
            }
            throw GROUPS.contains(e.source()) ? e.at(file.toString(), e.source() + "." + e.key()) : e;
        }
    }

    /**
     * Refuses these options where they have no effect.
     *
     * @param expected what would have been right
     */
    public void refuse(String expected) {
        WithoutEffect.refuse("--set", settings.isEmpty() ? null : String.join(" ", settings), expected);
        WithoutEffect.refuse("--device", device, expected);
        WithoutEffect.refuse("--precision", precision, expected);
    }

    /** The file's name without its ending. */
    public String name() {
        return file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
    }
}
