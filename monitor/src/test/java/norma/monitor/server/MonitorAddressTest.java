package norma.monitor.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.monitor.runs.RunsFolder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On which addresses the server listens, and by which names it is called. */
@Tag("unit")
class MonitorAddressTest {
    private static final String TOKEN = "abcdefghijklmnopqrstuvwx";

    @TempDir
    private Path runs;

    @Test
    void anAddressThatOthersReach_needsAToken() {
        assertThatThrownBy(() -> MonitorServer.start(
                        new MonitorSettings(RunsFolder.open(runs), "0.0.0.0", 0, Optional.empty(), run -> Map.of())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onAnAddressThatOthersReach_numbersAreHosts_andForeignNamesAreNot() throws IOException {
        try (MonitorServer open = MonitorServer.start(
                new MonitorSettings(RunsFolder.open(runs), "0.0.0.0", 0, Optional.of(TOKEN), run -> Map.of()))) {
            assertThat(open.port()).isPositive();
        }
        Gate gate = new Gate("0.0.0.0", Optional.of(TOKEN));
        assertThat(gate.isKnown("192.168.1.5:6007")).isTrue();
        assertThat(gate.isKnown("[fe80::1]:6007")).isTrue();
        assertThat(gate.isKnown("evil.example:6007")).isFalse();
        assertThat(new Gate("127.0.0.1", Optional.empty()).isKnown("192.168.1.5"))
                .isFalse();
    }

    @Test
    void aPortThatIsTaken_isNamed_withTheNextThatIsFree() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> MonitorServer.start(new MonitorSettings(
                            RunsFolder.open(runs),
                            "127.0.0.1",
                            taken.getLocalPort(),
                            Optional.empty(),
                            run -> Map.of())))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("found " + taken.getLocalPort() + ", which is taken")
                    .hasMessageContaining("one that is free, such as ");
        }
    }
}
