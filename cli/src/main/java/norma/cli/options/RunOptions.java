package norma.cli.options;

import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a new run goes. */
public final class RunOptions {
    @Mixin
    private RunsOptions runs;

    @Option(
            names = "--run",
            paramLabel = "NAME",
            description = "Name of this run, and of its folder; default: made from what it is given.")
    private String name;

    @Option(names = "--force", description = "Replace a run of that name.")
    private boolean force;

    public Path runs() {
        return runs.folder();
    }

    public boolean force() {
        return force;
    }

    /**
     * The run's name.
     *
     * @param otherwise the name of a run that was given none
     * @throws InvalidInputException if no folder can have that name
     */
    public String name(String otherwise) {
        String run = name == null ? otherwise : name;
        if (!run.matches("[^/\\\\]+") || run.startsWith(".")) {
            throw InvalidInputException.of(
                    "command line", "--run", run, "a folder's name without slashes that does not start with a dot");
        }
        return run;
    }
}
