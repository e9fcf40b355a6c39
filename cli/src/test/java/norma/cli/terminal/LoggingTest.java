package norma.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private final ByteArrayOutputStream first = new ByteArrayOutputStream();
    private final ByteArrayOutputStream second = new ByteArrayOutputStream();

    @Test
    void terminalThatTheLogLeaves_staysOpenForItsCommand() {
        Terminal left = new Terminal(first, first, false);
        Logging.toTerminal(left.err(), false);
        Logging.toTerminal(new Terminal(second, second, false).err(), false);

        left.error("runs/a: no such folder");
        LoggerFactory.getLogger("norma.test").warn("slow");

        assertThat(first.toString(StandardCharsets.UTF_8)).isEqualTo("norma: runs/a: no such folder\n");
        assertThat(second.toString(StandardCharsets.UTF_8)).isEqualTo("warning: slow\n");
    }
}
