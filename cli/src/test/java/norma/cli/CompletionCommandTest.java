package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Completion as the shells themselves understand it. */
@Tag("unit")
class CompletionCommandTest {
    @TempDir
    private Path folder;

    private Path script(String shell) throws IOException {
        CommandLineRun printed = CommandLineRun.of("completion", shell);
        assertThat(printed.code()).as(printed.err()).isZero();
        return Files.writeString(folder.resolve("norma." + shell), printed.out());
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed.strip();
    }

    /** What bash offers for the last of some words, when Tab is pressed behind it. */
    private static List<String> offered(Path script, String... words) throws IOException, InterruptedException {
        String typed = "COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD=" + (words.length - 1);
        String function = "$(complete -p norma | sed 's/.*-F \\([^ ]*\\) .*/\\1/')";
        return List.of(run(
                        "bash",
                        "-c",
                        "source " + script + "; " + typed + "; " + function + " 2>/dev/null; echo \"${COMPREPLY[@]}\"")
                .split(" "));
    }

    @Test
    void inBash_commandsAndOptionsAreOffered() throws Exception {
        Path script = script("bash");
        run("bash", "-n", script.toString());
        assertThat(offered(script, "norma", "ab")).containsExactly("ablate");
        assertThat(offered(script, "norma", "tokenizer", "t")).containsExactly("train");
        assertThat(offered(script, "norma", "fill", "model", "--di")).containsExactly("--dims");
    }

    @Test
    void inZsh_theScriptIsUnderstood() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/zsh")), "there is no zsh here");
        run("zsh", "-n", script("zsh").toString());
    }

    @Test
    void anotherShell_isRefused() {
        CommandLineRun.of("completion", "fish").assertRefused("SHELL: found fish, expected bash or zsh");
    }
}
