package norma.cli.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import norma.cli.options.ConfigOptions;
import norma.cli.options.RunsOptions;
import norma.cli.options.WithoutEffect;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.InvalidInputException;
import norma.trainer.config.ConfigKey;
import norma.trainer.config.ConfigReference;
import norma.trainer.config.RunConfig;
import norma.trainer.run.RunFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a configuration can say, and what one comes to. */
@Command(
        name = "config",
        description = {
            "Explains the keys of a configuration, or shows one resolved.",
            "Without an argument every key is listed with its default. For a configuration every value is printed as a run"
                    + " would have it, with the number of parameters and an estimate of time, memory and disk; nothing is"
                    + " trained. What is printed is a configuration again."
        },
        footer = {
            "  norma config learning_rate",
            "  norma config optimizer",
            "  norma config configs/quickstart.yaml --set training.steps=8000"
        })
public final class ConfigCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "KEY|CONFIG",
            arity = "0..1",
            description = "Key such as optimizer.learning_rate or learning_rate, group of keys such as optimizer, or"
                    + " configuration of a run, in YAML; a run's folder stands for its config.yaml.")
    private String what;

    @Mixin
    private ConfigOptions options;

    @Mixin
    private RunsOptions runs;

    @Option(names = "--markdown", description = "Print the reference of all keys as it is in docs/configuration.md.")
    private boolean markdown;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        if (what != null && isConfiguration(what)) {
            WithoutEffect.refuse("--markdown", markdown ? "a configuration" : null, "no argument beside it");
            Path file = Path.of(what);
            Path yaml = Files.isDirectory(file) ? new RunFiles(file).config() : file;
            RunConfig config = options.read(yaml);
            ResolvedConfig resolved = options.located(() -> resolved(config));
            output.result(resolved.json(output.startResult()), resolved.text());
            return ExitCode.DONE;
        }
        options.refuse("none without a configuration");
        if (markdown) {
            WithoutEffect.refuse("KEY", what, "none beside --markdown");
            output.result(ReferenceText.json(output.startResult(), all()), ReferenceText.markdown());
        } else if (what == null) {
            output.result(ReferenceText.json(output.startResult(), all()), ReferenceText.list());
        } else {
            List<ConfigKey> keys = ConfigReference.named(what);
            if (keys.isEmpty()) {
                throw InvalidInputException.of(
                        "command line",
                        "KEY|CONFIG",
                        what,
                        ConfigReference.nearest(what)
                                .map(nearest -> nearest + ", or another key or group (norma config lists them)")
                                .orElse("a key, a group (norma config lists them) or a configuration in YAML"));
            }
            output.result(ReferenceText.json(output.startResult(), keys), ReferenceText.explained(keys));
        }
        return ExitCode.DONE;
    }

    private ResolvedConfig resolved(RunConfig config) {
        try {
            return ResolvedConfig.of(config, runs.folder());
        } catch (IOException e) {
            throw new UncheckedIOException("the free disk cannot be asked for", e);
        }
    }

    private static boolean isConfiguration(String word) {
        return word.endsWith(".yaml") || word.endsWith(".yml") || word.contains("/") || Files.exists(Path.of(word));
    }

    private static List<ConfigKey> all() {
        return ConfigReference.groups().stream()
                .flatMap(group -> group.keys().stream())
                .toList();
    }
}
