package norma.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import norma.cli.bench.BenchCommand;
import norma.cli.bench.DoctorCommand;
import norma.cli.config.ConfigCommand;
import norma.cli.finetune.EvaluateCommand;
import norma.cli.finetune.FinetuneCommand;
import norma.cli.finetune.PredictCommand;
import norma.cli.imports.ImportCommand;
import norma.cli.monitor.MonitorCommand;
import norma.cli.options.OptionNames;
import norma.cli.options.StrayFile;
import norma.cli.probes.AblateCommand;
import norma.cli.probes.AttentionCommand;
import norma.cli.probes.EmergenceCommand;
import norma.cli.probes.FillCommand;
import norma.cli.probes.OutliersCommand;
import norma.cli.probes.ReportCommand;
import norma.cli.probes.VerifyCommand;
import norma.cli.sweep.SweepCommand;
import norma.cli.sweep.SweptRunCommand;
import norma.cli.terminal.ArgumentBytes;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.Failure;
import norma.cli.terminal.Terminal;
import norma.cli.tokenizer.TokenizerCommand;
import norma.cli.training.PretrainCommand;
import norma.cli.training.ReproduceCommand;
import norma.cli.training.ResumeCommand;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.NormaVersion;
import norma.datasets.base.Quoted;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The main class: one subcommand for each thing that Norma does. */
@Command(
        name = "norma",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Norma.Version.class,
        subcommands = {
            PretrainCommand.class,
            ResumeCommand.class,
            FinetuneCommand.class,
            PredictCommand.class,
            EvaluateCommand.class,
            TokenizerCommand.class,
            ImportCommand.class,
            OutliersCommand.class,
            EmergenceCommand.class,
            AblateCommand.class,
            FillCommand.class,
            AttentionCommand.class,
            ReportCommand.class,
            MonitorCommand.class,
            VerifyCommand.class,
            ReproduceCommand.class,
            SweepCommand.class,
            SweptRunCommand.class,
            BenchCommand.class,
            ConfigCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            HelpCommand.class
        },
        description = "Pre-trains small BERT-style models and shows when their outlier dimensions emerge.",
        footer = {"  norma pretrain configs/quickstart.yaml", "  norma outliers runs/quickstart", "  norma help ablate"
        },
        synopsisSubcommandLabel = "[COMMAND]",
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:the input is wrong: the message says which file and key, and what was expected",
            "130:interrupted by Ctrl-C, in training by SIGTERM too (a run in training writes a checkpoint first)"
        })
public final class Norma implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    private Norma() {}

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Norma " + NormaVersion.text()};
        }
    }

    /** Without a command, the help. */
    @Override
    public Integer call() {
        return HelpLayout.show(spec.commandLine());
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        // The launcher knows whether standard error is a terminal; Java only whether all of its streams are.
        Terminal terminal = new Terminal(System.out, System.err, Boolean.getBoolean("norma.terminal"));
        Optional<String> unreadable = ArgumentBytes.problem(args.length);
        if (unreadable.isPresent()) {
            terminal.error(unreadable.get());
            System.exit(ExitCode.INVALID_INPUT);
        }
        System.exit(execute(args, terminal));
    }

    /**
     * Runs a command inside this process.
     *
     * @param terminal that it talks to
     * @return 0 done, 1 failed, 2 the input is wrong, 130 interrupted
     */
    static int execute(String[] args, Terminal terminal) {
        CommandLine line = commands(terminal);
        line.setOut(new PrintWriter(terminal.help(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        line.setExecutionStrategy(parsed -> {
            requireOptionsBehindTheirCommand(parsed);
            return new CommandLine.RunLast().execute(parsed);
        });
        line.setParameterExceptionHandler((problem, arguments) -> misused(problem, arguments, terminal));
        line.setExecutionExceptionHandler((problem, command, parsed) -> Failure.report(
                problem instanceof InvalidInputException wrong
                        ? new OptionNames(command.getCommandSpec()).of(wrong)
                        : problem,
                terminal,
                Arrays.asList(args).contains("--verbose")));
        try {
            return line.execute(args);
        } catch (OutOfMemoryError e) {
            terminal.error(
                    "out of Java memory (" + e.getMessage() + "); NORMA_JAVA_OPTS=-Xmx8g, for instance, gives more");
            return ExitCode.FAILED;
        } catch (ExceptionInInitializerError | UnsatisfiedLinkError e) { // zstd unpacks its library there
            terminal.error("a native library cannot be loaded: " + Quoted.of(String.valueOf(e.getMessage()))
                    + "; expected room and permission to unpack it in " + System.getProperty("java.io.tmpdir")
                    + " (NORMA_JAVA_OPTS=-Djava.io.tmpdir=FOLDER names another folder)");
            return ExitCode.FAILED;
        } catch (StackOverflowError e) {
            terminal.error("internal error: something is nested too deep (--verbose shows where)");
            if (Arrays.asList(args).contains("--verbose")) {
                e.printStackTrace(terminal.err());
            }
            return ExitCode.FAILED;
        }
    }

    /** All commands, as they talk to a terminal. */
    static CommandLine commands(Terminal terminal) {
        CommandLine commands = new CommandLine(new Norma(), new CommandFactory(terminal));
        HelpLayout.use(commands);
        return commands;
    }

    /** In {@code norma bench --json data} the option is of {@code bench}, which does not run: it would do nothing. */
    private static void requireOptionsBehindTheirCommand(ParseResult parsed) {
        for (ParseResult command = parsed; command.hasSubcommand(); command = command.subcommand()) {
            for (OptionSpec option : command.matchedOptions()) {
                if (!option.usageHelp() && !option.versionHelp()) {
                    String subcommand = command.subcommand().commandSpec().name();
                    throw new ParameterException(
                            command.commandSpec().commandLine(),
                            option.longestName() + ": found before '" + subcommand + "', expected behind it");
                }
            }
        }
    }

    private static int misused(ParameterException problem, String[] arguments, Terminal terminal) {
        String sentence = problem.getMessage().lines().findFirst().orElse("").strip();
        for (String word : arguments) {
            String value = word.substring(word.indexOf('=') + 1);
            sentence = value.length() > Quoted.LONGEST ? sentence.replace(value, Quoted.of(value)) : sentence;
        }
        sentence += meant(problem).map(words -> "; did you mean " + words + "?").orElse("");
        String command = problem.getCommandLine().getCommandSpec().qualifiedName();
        terminal.error(sentence + " (see " + command + " --help)");
        return ExitCode.INVALID_INPUT;
    }

    /** What somebody probably meant who typed words that a command has no place for. */
    private static Optional<String> meant(ParameterException problem) {
        CommandSpec command = problem.getCommandLine().getCommandSpec();
        if (problem instanceof UnmatchedArgumentException unmatched) {
            return StrayFile.meant(command, unmatched.getUnmatched())
                    .or(() -> unmatched.getSuggestions().stream().findFirst());
        }
        return problem instanceof MissingParameterException
                ? StrayFile.meant(
                        command, problem.getCommandLine().getParseResult().unmatched())
                : Optional.empty();
    }
}
