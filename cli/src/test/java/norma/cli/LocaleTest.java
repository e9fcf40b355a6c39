package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands in processes of their own, under locales with and without UTF-8; the arguments are bytes that bash makes.
 */
@Tag("engine")
class LocaleTest {
    private static final String ENCODE =
            "tokenizer encode --tokenizer \"$F/b$(printf '\\303\\274')cher/vocab.txt\" \"sch$(printf '\\303\\266')ne\"";

    @TempDir
    private Path folder;

    @BeforeEach
    void makeTokenizer() throws Exception {
        folder = folder.toRealPath();
        // under a name that this process, whose own locale may be C, could not write
        Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nschone\nsch\n##ne\n");
        run("C", "mkdir \"$F/b$(printf '\\303\\274')cher\" && mv \"$F/vocab.txt\" \"$F/b$(printf '\\303\\274')cher\"");
    }

    private record Ended(int code, String text) {}

    private Ended run(String locale, String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(key -> key.startsWith("LC_") || key.equals("LANG"));
        environment.put("LC_ALL", locale);
        environment.put("F", folder.toString());
        environment.put(
                "JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
        environment.put("CLASSES", System.getProperty("java.class.path"));
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), text);
    }

    private static void requireLinux() {
        assumeTrue(
                System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux"),
                "macOS decodes arguments as UTF-8 whatever the locale");
    }

    @Test
    void javaUnderAnAsciiLocale_refusesWhatItCannotRead() throws Exception {
        requireLinux();
        Ended refused = run("C", "\"$JAVA\" -cp \"$CLASSES\" norma.cli.Norma " + ENCODE);
        assertThat(refused.code()).as(refused.text()).isEqualTo(2);
        assertThat(refused.text())
                .isEqualTo("norma: command line: argument 4: found bytes that the character set of the locale,"
                        + " ANSI_X3.4-1968, does not have, expected a UTF-8 locale and UTF-8 text (LC_ALL=C.UTF-8, for"
                        + " instance; locale -a lists those there are)\n");
        Ended plain = run("C", "\"$JAVA\" -cp \"$CLASSES\" norma.cli.Norma --version");
        assertThat(plain.code()).as(plain.text()).isZero();
    }

    @Test
    void utf8Locale_refusesBytesThatAreNotUtf8() throws Exception {
        requireLinux();
        assumeTrue(hasUtf8Locale(), "no locale C.UTF-8 here");
        Ended latin = run("C.UTF-8", "\"$JAVA\" -cp \"$CLASSES\" norma.cli.Norma doctor --device $'\\xfc'");
        assertThat(latin.code()).as(latin.text()).isEqualTo(2);
        assertThat(latin.text()).contains("argument 3: found bytes that the character set of the locale, UTF-8,");
    }

    @Test
    void launcherUnderAnAsciiLocale_readsArgumentsAndPathsAsUtf8() throws Exception {
        assumeTrue(hasUtf8Locale(), "no locale C.UTF-8 here");
        Path clone = cloneWithoutABuild();
        for (String locale : List.of("C", "POSIX", "C.UTF-8", "xx_NONE.UTF-8")) {
            Ended encoded = run(locale, "PATH=\"$F/bin:$PATH\" bash '" + clone.resolve("norma") + "' " + ENCODE);
            assertThat(encoded.code()).as(encoded.text()).isZero();
            assertThat(encoded.text().lines().reduce((a, b) -> b).orElseThrow())
                    .as(locale)
                    .isEqualTo("5"); // schöne without its accent
        }
    }

    private boolean hasUtf8Locale() throws IOException, InterruptedException {
        return run("C", "locale -a").text().matches("(?is).*\\bC\\.utf-?8\\b.*");
    }

    /** The launcher's script beside a Maven that names this test's own class path as what it built. */
    private Path cloneWithoutABuild() throws IOException {
        Path clone = Files.createDirectories(folder.resolve("clone"));
        Files.copy(Path.of(System.getProperty("norma.root", ".."), "norma"), clone.resolve("norma"));
        Files.writeString(clone.resolve("pom.xml"), "<project/>");
        for (String module : List.of("datasets", "trainer", "probes", "sweep", "cli")) {
            Files.createDirectories(clone.resolve(module).resolve("src/main"));
            Files.writeString(clone.resolve(module).resolve("pom.xml"), "<project/>");
        }
        Path maven = Files.createDirectories(folder.resolve("bin")).resolve("mvn");
        Files.writeString(maven, """
                #!/bin/bash
                mkdir -p cli/target
                touch cli/target/norma-cli-1.jar
                printf '%s' "$CLASSES" > cli/target/classpath
                """);
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
        return clone;
    }
}
