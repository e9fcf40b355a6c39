package norma.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
class SpeltOutStreamTest {
    private static final String HOSTILE = "a\u001b]0;title\u0007b\u009b31mc\u202ed\u2066e\rf\u007f\u2028g\u0000";
    private static final String SPELT = "a\\u001b]0;title\\u0007b\\u009b31mc\\u202ed\\u2066e\\rf\\u007f\\u2028g\\u0000";

    private static String through(String text, int piece) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (SpeltOutStream out = new SpeltOutStream(bytes)) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            for (int at = 0; at < utf8.length; at += piece) {
                out.write(utf8, at, Math.min(piece, utf8.length - at));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 1000})
    void whatATerminalWouldObey_isSpeltOut_howeverTheBytesCome(int piece) throws IOException {
        assertThat(through(HOSTILE, piece)).isEqualTo(SPELT);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 1000})
    void textOfAllScripts_lineEndsAndTabs_pass(int piece) throws IOException {
        String text = "schön\tгрюн 緑 \ud83d\ude42\u200d ‘x’ – 5 €\nنص\n";
        assertThat(through(text, piece)).isEqualTo(text);
    }

    @Test
    void json_keepsItsMeaning() throws IOException {
        String json =
                JsonNodeFactory.instance.objectNode().put("token", HOSTILE).toPrettyString();
        assertThat(new ObjectMapper().readTree(through(json, 7)).get("token").asText())
                .isEqualTo(HOSTILE);
    }

    @Test
    void everythingThatATerminalPrints_goesThroughIt() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(out, err, false);
        terminal.out().println(HOSTILE);
        terminal.err().print(HOSTILE);
        terminal.error(HOSTILE);
        terminal.progress().update(HOSTILE, 1, 2, "files");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(SPELT + "\n");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo(SPELT + "norma: " + SPELT + "\n" + SPELT + ": 1 of 2 files\n");
    }
}
