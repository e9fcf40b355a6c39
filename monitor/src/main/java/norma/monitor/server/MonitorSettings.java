package norma.monitor.server;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import norma.monitor.runs.RunsFolder;

/**
 * What a server is started with.
 *
 * @param runs the folder of the runs
 * @param host address or name that it listens on
 * @param port that it listens on; 0 for any that is free
 * @param token that everyone has to show; empty only on an address of the machine itself
 * @param commands that fill what a run's page has no data for, by what they fill ({@code outliers}, {@code emergence},
 *     {@code ablate}, {@code finetune}, …), for the folder of a run
 */
public record MonitorSettings(
        RunsFolder runs, String host, int port, Optional<String> token, Function<Path, Map<String, String>> commands) {}
