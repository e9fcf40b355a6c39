package norma.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Another implementation, in Python, that says what is right.
 *
 * @param python the interpreter
 * @param script reads its arguments, and prints JSON
 * @param folder for what it prints
 */
public record PythonOracle(String python, String script, Path folder) {
    private static final List<String> INTERPRETERS = List.of("/usr/bin/python3", "python3");

    /**
     * One that has the modules that the script needs; without one the test is skipped, and says so.
     *
     * @param modules separated by commas
     * @param packages how to come by them
     */
    public static PythonOracle with(String modules, String packages, String script, Path folder)
            throws IOException, InterruptedException {
        for (String python : INTERPRETERS) {
            if (has(python, modules)) {
                return new PythonOracle(python, script, folder);
            }
        }
        String reason = "skipped: no python3 has " + modules + " (" + packages + ")";
        System.err.println(reason);
        assumeTrue(false, reason);
        throw new AssertionError(reason);
    }

    private static boolean has(String python, String modules) throws InterruptedException {
        try {
            return new ProcessBuilder(python, "-c", "import " + modules)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    /** What it says about some words. */
    public JsonNode ask(List<String> words) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "oracle", ".json");
        Path err = Files.createTempFile(folder, "oracle", ".err");
        List<String> command = new ArrayList<>(List.of(python, "-c", script));
        command.addAll(words);
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        return new ObjectMapper().readTree(Files.readAllBytes(out));
    }
}
