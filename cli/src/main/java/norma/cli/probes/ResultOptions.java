package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.probes.files.EarlierResult;
import norma.probes.files.ProbeFiles;
import norma.probes.source.ModelSource;
import norma.trainer.figure.FigureWidth;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a probe's results are written. */
final class ResultOptions {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}");
    /** Options that decide where and how a result is written, not what it says. */
    private static final Set<String> ELSEWHERE =
            Set.of("--out", "--as", "--width", "--device", "--json", "--quiet", "--verbose");

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description =
                    "Folder for JSON and figures; default: the run's probes/. For a model that is no run nothing is"
                            + " written by default.")
    private Path out;

    @Option(
            names = "--as",
            paramLabel = "NAME",
            description = "Name of the result behind the probe's, such as ablation-NAME.json; default: none. An earlier"
                    + " result without a name that was made with other options is kept under a name made from these.")
    private String name;

    @Mixin
    private FigureOptions figures;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /**
     * Refuses what is wrong, before anything is measured.
     *
     * @throws InvalidInputException naming the option
     */
    void check() {
        figures.width();
        if (name != null
                && (!NAME.matcher(name).matches() || ProbeFiles.reserved().contains(name))) {
            throw InvalidInputException.of(
                    "command line",
                    "--as",
                    name,
                    "letters, digits, dots, dashes and underscores, at most 80, and none of "
                            + String.join(", ", ProbeFiles.reserved()));
        }
    }

    /**
     * Makes room for a result: one of the same name that was made with other options is kept, unless the name was
     * given.
     *
     * @param probe the name that its results have
     * @param result the new one, in which the options are noted
     * @return the name of the new one
     */
    String claim(Path folder, String probe, ObjectNode result, OutputOptions output) throws IOException {
        EarlierResult.note(result, measuring());
        if (name != null) {
            return probe + "-" + name;
        }
        Optional<String> kept = EarlierResult.keep(folder, probe, result);
        kept.ifPresent(earlier ->
                output.say("The earlier result, of other options, is kept as " + new ProbeFiles(folder).json(earlier)));
        return probe;
    }

    /** The options that decide what is measured, as they were typed. */
    private List<String> measuring() {
        return command.commandLine().getParseResult().matchedOptions().stream()
                .filter(option -> !ELSEWHERE.contains(option.longestName()))
                .map(option -> String.join(
                        " ",
                        Stream.concat(Stream.of(option.longestName()), option.originalStringValues().stream())
                                .toList()))
                .toList();
    }

    /** How wide figures are on paper. */
    FigureWidth width() {
        return figures.width();
    }

    /** Whether a folder was named. */
    boolean named() {
        return out != null;
    }

    /**
     * The folder; null where nothing is to be written.
     *
     * @param probes the folder where none is named
     */
    Path folder(Optional<Path> probes) {
        return out != null ? out : probes.orElse(null);
    }

    /**
     * The folder, where something has to be written.
     *
     * @param what is to be written, for the message
     * @throws InvalidInputException if none was named, and the model is of no run
     */
    Path require(ModelSource source, String what) {
        Path folder = folder(source.probesFolder());
        if (folder == null) {
            throw InvalidInputException.of(
                    "command line",
                    "--out",
                    "nothing",
                    "a folder for " + what + ", because " + source.path() + " is no run");
        }
        return folder;
    }

    /** Writes a result into a folder, which is made if need be. */
    static void write(Path folder, String name, ObjectNode result) throws IOException {
        Files.createDirectories(folder);
        JsonFile.write(new ProbeFiles(folder).json(name), result);
    }
}
