package norma.cli.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import norma.trainer.config.ConfigSource;
import norma.trainer.config.RunConfig;
import picocli.CommandLine.Option;

/** A configuration, as changed on the command line. */
public final class ConfigOptions {
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

    private ConfigSource source;

    /** Reads a file; what follows speaks of it. */
    public RunConfig read(Path configuration) {
        source = source(configuration, precision);
        return source.read();
    }

    /** A file once for each precision, of which there may be several between commas. */
    public List<ConfigSource> each(Path configuration) {
        return precision == null
                ? List.of(source(configuration, null))
                : Arrays.stream(precision.split(",", -1))
                        .distinct()
                        .map(one -> source(configuration, one))
                        .toList();
    }

    private ConfigSource source(Path configuration, String inPrecision) {
        List<String> all = new ArrayList<>(settings);
        if (device != null) {
            all.add("device=" + device);
        }
        if (inPrecision != null) {
            all.add("training.precision=" + inPrecision);
        }
        return new ConfigSource(configuration, all);
    }

    /** Does something with the configuration, see {@link ConfigSource#located}. */
    public <T> T located(Supplier<T> work) {
        return source.located(work);
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
        return source.name();
    }
}
