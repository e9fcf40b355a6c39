package norma.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class ArgumentBytesTest {
    private static final byte[] UTF8 = "java\0-Dä=ö\0Main\0grün\0x\0".getBytes(StandardCharsets.UTF_8);
    private static final byte[] LATIN = "java\0Main\0gr\u00fcn\0x\0".getBytes(StandardCharsets.ISO_8859_1);

    @Test
    void onlyWhatTheCharacterSetLacks_isAProblem() {
        assertThat(ArgumentBytes.problem(UTF8, 2, "UTF-8")).isEmpty();
        assertThat(ArgumentBytes.problem(UTF8, 1, "ANSI_X3.4-1968")).isEmpty(); // of Java's own options nothing is said
        assertThat(ArgumentBytes.problem(UTF8, 2, "ANSI_X3.4-1968").orElseThrow())
                .startsWith(
                        "command line: argument 1: found bytes that the character set of the locale, ANSI_X3.4-1968,");
        assertThat(ArgumentBytes.problem(LATIN, 2, "ISO-8859-1")).isEmpty();
        assertThat(ArgumentBytes.problem(LATIN, 2, "UTF-8").orElseThrow()).contains("UTF-8, does not have");
    }

    @Test
    void commandLineThatWasCutShort_isNoProblem() {
        assertThat(ArgumentBytes.problem(new byte[0], 2, "UTF-8")).isEmpty();
    }
}
