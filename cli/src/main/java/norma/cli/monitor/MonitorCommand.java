package norma.cli.monitor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.monitor.runs.RunList;
import norma.monitor.runs.RunsFolder;
import norma.monitor.server.MonitorServer;
import norma.monitor.server.MonitorSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Serves a page on which runs are watched. */
@Command(
        name = "monitor",
        description = {
            "Serves a local web page on which runs are watched.",
            "It shows the state of every run, while it trains and after, its losses, every LayerNorm parameter over the"
                    + " steps and what the probes found. It only reads: it changes nothing in the runs and takes no lock."
                    + " Ctrl-C ends it (exit code 130)."
        },
        footer = {"  norma monitor", "  norma monitor --json"})
public final class MonitorCommand implements Callable<Integer> {
    private static final int TOKEN_BYTES = 24;
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{16,128}");
    private static final int LAST_PORT = 65_535;

    @Parameters(
            paramLabel = "RUNS",
            arity = "0..1",
            description = "Folder that the runs lie in; default: ${DEFAULT-VALUE}.")
    private Path runs = Path.of("runs");

    @Option(names = "--port", paramLabel = "N", description = "Port to listen on; default: ${DEFAULT-VALUE}.")
    private int port = 6007;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address to listen on; default: ${DEFAULT-VALUE}, which only this machine reaches. Any other"
                    + " address needs a token; traffic is not encrypted, so a tunnel (ssh -L) is safer.")
    private String host = "127.0.0.1";

    @Option(
            names = "--token",
            paramLabel = "TEXT",
            description = "Token that a browser has to show: at least 16 letters, digits, - or _; default: none on this"
                    + " machine's own address, a random one on others. It is part of the printed address.")
    private String token;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws InterruptedException {
        requirePort();
        requireToken();
        output.startLogging();
        RunsFolder folder = RunsFolder.open(runs);
        RunList list = new RunList(folder);
        if (output.isJson()) {
            list.scan();
            ObjectNode result = output.startResult();
            result.setAll(list.json());
            output.result(result);
            return ExitCode.DONE;
        }
        Optional<String> shown = token != null || isOwnAddress() ? Optional.ofNullable(token) : Optional.of(newToken());
        try (MonitorServer server =
                MonitorServer.start(new MonitorSettings(folder, host, port, shown, MonitorCommand::commands))) {
            if (list.scan().rows().isEmpty()) {
                output.warn(runs + ": no runs yet; the page shows them as they come");
            }
            output.result(null, address(server.port(), shown));
            output.say("Open this address in a browser. Ctrl-C ends the monitor.");
            new CountDownLatch(1).await(); // until the process is ended
        }
        return ExitCode.DONE;
    }

    private void requirePort() {
        if (port < 0 || port > LAST_PORT) {
            throw InvalidInputException.setting("port", port, "a number from 0 (any that is free) to " + LAST_PORT);
        }
    }

    private void requireToken() {
        if (token != null && !TOKEN.matcher(token).matches()) {
            throw InvalidInputException.setting(
                    "token", Counted.of(token.length(), "character"), "from 16 to 128 letters, digits, - or _");
        }
    }

    private boolean isOwnAddress() {
        return MonitorServer.isLoopback(host);
    }

    private static String newToken() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    private String address(int listening, Optional<String> shown) {
        String name = host.contains(":") ? "[" + host + "]" : host;
        URI address = URI.create(String.format(Locale.ROOT, "http://%s:%d/", name, listening));
        return shown.map(text -> address + "?token=" + text).orElse(address.toString());
    }

    /** The commands that fill what a run's page has no data for. */
    private static Map<String, String> commands(Path run) {
        Map<String, String> commands = new LinkedHashMap<>();
        for (String command : List.of("outliers", "emergence", "report", "resume")) {
            commands.put(command, line(run, command));
        }
        commands.put(
                "ablate",
                line(run, "ablate", "--checkpoints", "all", "--dims", "costliest:2", "--baseline", "random:20"));
        commands.put("finetune", line(run, "finetune", "--task", "wordnet"));
        return commands;
    }

    private static String line(Path run, String command, String... options) {
        String words = OutputOptions.quoted(List.of("./norma", command, run.toString()));
        return options.length == 0 ? words : words + " " + OutputOptions.quoted(List.of(options));
    }
}
