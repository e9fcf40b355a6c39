package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's script in a made-up clone, with a Maven and a Java that only say how they were called. */
@Tag("unit")
class LauncherTest {
    private static final String MAVEN = """
            #!/bin/bash
            echo "$*" >> builds.txt
            sleep 1
            [ ! -f broken ] || { echo '[ERROR] Thing.java:[3,7] does not compile'; exit 1; }
            mkdir -p cli/target trainer/target
            touch cli/target/norma-cli-1.jar trainer/target/norma-trainer-1.jar "$LIBRARY"
            printf '%s:%s' "$PWD/trainer/target/norma-trainer-1.jar" "$LIBRARY" > cli/target/classpath
            printf '%s' "$SPARK" > cli/target/classpath-spark
            touch "$SPARK"
            """;
    private static final String JAVA = """
            #!/bin/bash
            [ "$1" != -version ] || { echo "openjdk version \\"${FAKE_VERSION:-17.0.15}\\"" >&2; exit 0; }
            echo "in $PWD"
            echo "arena $MALLOC_ARENA_MAX"
            echo "locale ${LC_ALL:-none}"
            echo "flavor ${PYTORCH_FLAVOR:-none} alloc ${PYTORCH_CUDA_ALLOC_CONF:-none}"
            for word; do echo "word $word"; done
            exit "${FAKE_EXIT:-0}"
            """;

    private static final String LOCALE = """
            #!/bin/bash
            if [ "$1" = charmap ]; then echo "$FAKE_CHARMAP"; else printf '%s\n' $FAKE_LOCALES; fi
            """;

    @TempDir
    private Path folder;

    private Path clone;
    private Path bin;

    @BeforeEach
    void makeClone() throws IOException {
        folder = folder.toRealPath();
        clone = Files.createDirectories(folder.resolve("my clone"));
        bin = Files.createDirectories(folder.resolve("bin"));
        Path root = Path.of(System.getProperty("norma.root", ".."));
        Files.copy(root.resolve("norma"), clone.resolve("norma"));
        write(clone.resolve("pom.xml"), "<project/>");
        for (String module : List.of("datasets", "trainer", "probes", "sweep", "cli")) {
            write(clone.resolve(module).resolve("pom.xml"), "<project/>");
            write(clone.resolve(module).resolve("src/main/java/Thing.java"), "class Thing {}");
        }
        executable(bin.resolve("mvn"), MAVEN);
        executable(bin.resolve("java"), JAVA);
        executable(bin.resolve("javac"), "#!/bin/bash\n");
    }

    @Test
    void firstUse_buildsAndSaysSo_laterOnesOnlyRun() throws Exception {
        Run first = run(Map.of(), "doctor", "--json", "two words");
        Run second = run(Map.of(), "doctor");

        assertThat(first.code()).as(first.text()).isZero();
        assertThat(first.text())
                .contains("Building Norma (first use, about a minute)", "word norma.cli.Norma\nword doctor\n")
                .contains("word two words\n", "arena 1\n", "in " + folder + "\n", "word -Dnorma.terminal=false\n");
        assertThat(second.text()).doesNotContain("Building").contains("word doctor");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void ownJars_areRunFromACopy_thatMavenDoesNotTouch() throws Exception {
        String classPath = classPath("x");

        assertThat(classPath)
                .contains("/target/launcher/cpu-", "norma-cli-1.jar", "norma-trainer-1.jar")
                .contains(folder.resolve("library.jar").toString())
                .doesNotContain("cli/target", "trainer/target");
    }

    @Test
    void spark_isOnTheClassPathOfSweep_andOfNothingElse() throws Exception {
        String spark = folder.resolve("spark.jar").toString();

        assertThat(classPath("sweep")).endsWith(folder.resolve("library.jar") + ":" + spark);
        assertThat(run(Map.of("NORMA_SPARK_CLASSPATH", "/k8s.jar"), "sweep").text())
                .contains(spark + ":/k8s.jar\n");
        assertThat(classPath("pretrain")).doesNotContain(spark);
        assertThat(classPath("--version")).doesNotContain(spark);
    }

    private String classPath(String word) throws Exception {
        return run(Map.of(), word)
                .text()
                .lines()
                .dropWhile(line -> !line.equals("word -cp"))
                .skip(1)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void changedSource_isBuiltAgain() throws Exception {
        run(Map.of(), "x");
        Path source = clone.resolve("trainer/src/main/java/Thing.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));

        assertThat(run(Map.of(), "x").text()).contains("Building Norma (its sources have changed)");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void libraryThatIsGone_isFetchedAgain() throws Exception {
        run(Map.of(), "x");
        Files.delete(folder.resolve("library.jar"));

        run(Map.of(), "x");

        assertThat(builds()).hasSize(2);
    }

    @Test
    void threeFirstUsesAtOnce_buildOnce() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            processes.add(start(clone.resolve("norma"), Map.of(), "doctor"));
        }
        for (Process process : processes) {
            String text = text(process);
            assertThat(process.waitFor()).as(text).isZero();
            assertThat(text).contains("word doctor");
        }
        assertThat(builds()).hasSize(1);
        assertThat(Files.isSymbolicLink(clone.resolve("target/launcher/lock"))).isFalse();
    }

    @Test
    void lockOfAKilledBuild_isTakenOver() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Files.createDirectories(clone.resolve("target/launcher"));
        Files.createSymbolicLink(clone.resolve("target/launcher/lock"), Path.of(Long.toString(dead.pid())));

        assertThat(run(Map.of(), "doctor").code()).isZero();
    }

    /** As in a container whose user does not own the clone; it waited for ever. */
    @Test
    void whereABuildCannotBeWritten_oneSentenceSaysSo() throws Exception {
        Files.createDirectories(clone.resolve("target"));
        Files.writeString(clone.resolve("target/launcher"), "");

        Run result = run(Map.of(), "doctor");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.text())
                .isEqualTo("norma: has to be built, and " + clone.toRealPath().resolve("target/launcher")
                        + " is no folder that can be written to\n");
    }

    @Test
    void symbolicLinks_leadToTheClone() throws Exception {
        Files.createSymbolicLink(folder.resolve("n"), Path.of("my clone/norma"));
        Path second = Files.createSymbolicLink(bin.resolve("norma"), Path.of("../n"));

        Process process = start(second, Map.of(), "doctor");

        assertThat(text(process)).contains("word doctor");
        assertThat(process.waitFor()).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void failedBuild_showsWhatMavenSaid_andRunsNothing() throws Exception {
        write(clone.resolve("broken"), "");

        Run run = run(Map.of(), "doctor");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.text())
                .contains("Thing.java:[3,7] does not compile", "norma: the build failed")
                .doesNotContain("word");
        Files.delete(clone.resolve("broken"));
        assertThat(run(Map.of(), "doctor").code()).isZero();
    }

    @Test
    void oldJava_isRefusedWithItsVersion() throws Exception {
        Run run = run(Map.of("FAKE_VERSION", "11.0.2"), "doctor");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.text()).contains("norma: needs Java 17 or newer, found 11.0.2");
    }

    @Test
    void javaThatIsMissing_andAProfileThatDoesNotExist_areSaid() throws Exception {
        Run without = run(Map.of("JAVA_HOME", folder + "/none"), "doctor");
        Run unknown = run(Map.of("NORMA_PROFILE", "tpu"), "doctor");

        assertThat(without.text()).contains("norma: needs Java 17 or newer, found none");
        assertThat(without.code()).isEqualTo(1);
        assertThat(unknown.text()).contains("NORMA_PROFILE: found tpu, expected cpu or gpu");
        assertThat(clone.resolve("builds.txt")).doesNotExist();
    }

    @Test
    void profile_optionsAndExitCode_arePassedOn() throws Exception {
        Run run = run(Map.of("NORMA_PROFILE", "gpu", "NORMA_JAVA_OPTS", "-Xmx7g -Da=b", "FAKE_EXIT", "130"), "x");
        run(Map.of(), "x");

        assertThat(run.code()).isEqualTo(130);
        assertThat(run.text()).contains("word -Xmx7g\nword -Da=b\n");
        assertThat(builds().get(0)).contains("-Pgpu");
        assertThat(builds().get(1)).contains("-Pcpu");
    }

    /** DJL would look for the toolkit's runtime to choose a build, which a machine with the driver alone lacks. */
    @Test
    void gpuProfile_asksForTheCudaBuild_unlessToldOtherwise() throws Exception {
        executable(bin.resolve("uname"), "#!/bin/bash\necho \"$FAKE_MACHINE\"\n");
        Map<String, String> x86 = Map.of("NORMA_PROFILE", "gpu", "FAKE_MACHINE", "x86_64");
        Map<String, String> arm = Map.of("NORMA_PROFILE", "gpu", "FAKE_MACHINE", "aarch64");
        Map<String, String> told = Map.of(
                "NORMA_PROFILE",
                "gpu",
                "FAKE_MACHINE",
                "x86_64",
                "PYTORCH_FLAVOR",
                "cu130",
                "PYTORCH_CUDA_ALLOC_CONF",
                "x");

        assertThat(run(x86, "x").text()).contains("flavor cu128 alloc expandable_segments:True\n");
        assertThat(run(arm, "x").text()).contains("flavor cpu alloc expandable_segments:True\n");
        assertThat(run(told, "x").text()).contains("flavor cu130 alloc x\n");
        assertThat(run(Map.of("FAKE_MACHINE", "x86_64"), "x").text()).contains("flavor none alloc none\n");
    }

    @Test
    void asciiLocale_isReplacedByAUtf8OneIfThereIsOne() throws Exception {
        executable(bin.resolve("locale"), LOCALE);
        Map<String, String> ascii =
                Map.of("FAKE_CHARMAP", "ANSI_X3.4-1968", "FAKE_LOCALES", "C POSIX de_DE.utf8 C.utf8");
        Map<String, String> only = Map.of("FAKE_CHARMAP", "ANSI_X3.4-1968", "FAKE_LOCALES", "C en_GB.UTF-8 POSIX");
        Map<String, String> none = Map.of("FAKE_CHARMAP", "US-ASCII", "FAKE_LOCALES", "C POSIX de_DE.iso88591");
        Map<String, String> utf8 = Map.of("FAKE_CHARMAP", "UTF-8", "FAKE_LOCALES", "C C.utf8");
        Map<String, String> latin = Map.of("FAKE_CHARMAP", "ISO-8859-1", "FAKE_LOCALES", "C C.utf8");

        assertThat(run(ascii, "x").text()).contains("locale C.utf8\n");
        assertThat(run(only, "x").text()).contains("locale en_GB.UTF-8\n");
        for (Map<String, String> left : List.of(none, utf8, latin)) {
            assertThat(run(left, "x").text()).contains("locale none\n");
        }
    }

    private record Run(int code, String text) {}

    private Run run(Map<String, String> environment, String... words) throws Exception {
        Process process = start(clone.resolve("norma"), environment, words);
        String text = text(process);
        return new Run(process.waitFor(), text);
    }

    private static String text(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private Process start(Path script, Map<String, String> environment, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("bash", script.toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.redirectErrorStream(true);
        Map<String, String> all = builder.environment();
        List.of(
                        "JAVA_HOME",
                        "NORMA_PROFILE",
                        "NORMA_JAVA_OPTS",
                        "MALLOC_ARENA_MAX",
                        "LC_ALL",
                        "PYTORCH_FLAVOR",
                        "PYTORCH_CUDA_ALLOC_CONF")
                .forEach(all::remove);
        all.put("PATH", bin + ":" + all.get("PATH"));
        all.put("LIBRARY", folder.resolve("library.jar").toString());
        all.put("SPARK", folder.resolve("spark.jar").toString());
        all.putAll(environment);
        return builder.start();
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(clone.resolve("builds.txt"));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
