package norma.datasets.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class JsonFileTest {
    private static final String FILE = "run/result.json";

    @TempDir
    Path folder;

    private static void assertRefused(String text, String message) {
        assertThatThrownBy(() -> JsonFile.parse(text, FILE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(message);
    }

    @Test
    void aByteThatIsNotUtf8_isNamedWithItsLineAndOffset() throws IOException {
        byte[] bytes = "{\"a\": 1,\n \"b\": \"x?\"}".getBytes(StandardCharsets.US_ASCII);
        bytes[17] = (byte) 0xff;
        Path file = Files.write(folder.resolve("state.json"), bytes);

        assertThatThrownBy(() -> JsonFile.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": line 2: the byte 0xff, at offset 17, is not UTF-8, expected a JSON object");
    }

    @Test
    void aFileThatWasCut_isSaidInOneSentence() {
        assertRefused(
                "{\"epochs\": [{\"epoch\": 1,",
                FILE + ": ends in the middle (line 1, column 25), expected a JSON object");
        assertRefused("", FILE + ": found nothing, expected a JSON object");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "[1, 2]|found [1,2]",
                "null|found null",
                "{\"a\": 1} {}|not JSON",
                "{\"a\": 1, \"a\": 2}|not JSON (line 1, column 13): Duplicate field 'a'",
                "version https://git-lfs.github.com|not JSON (line 1, column 8): Unrecognized token 'version'",
            })
    void whatIsNoObject_isRefused(String text, String found) {
        assertThatThrownBy(() -> JsonFile.parse(text, FILE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(FILE + ": " + found)
                .hasMessageEndingWith("expected a JSON object");
    }

    @Test
    void bracketsAHundredThousandDeep_areRefused() {
        assertThatThrownBy(() -> JsonFile.parse("{\"a\":" + "[".repeat(100_000), FILE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(FILE + ": not JSON");
    }

    @Test
    void aFileThatIsMissing_aFolder_orAPipe_isNotReadButNamed() throws Exception {
        Path missing = folder.resolve("none.json");
        assertThatThrownBy(() -> JsonFile.read(missing)).hasMessage(missing + ": no such file, expected a JSON object");
        assertThatThrownBy(() -> JsonFile.read(folder)).hasMessage(folder + ": is a folder, expected a JSON object");
        Path endless = Path.of("/dev/zero");
        assertThatThrownBy(() -> JsonFile.read(endless)).hasMessage(endless + ": is a device, expected a JSON object");
    }

    @Test
    void aValueOfAnotherType_isNamedWithItsWholeKey() {
        JsonObject json = JsonFile.parse("{\"epochs\": [{\"dev\": {\"loss\": \"x\"}, \"step\": 1.5}, 7]}", FILE);

        assertThatThrownBy(() -> json.objects("epochs")).hasMessage(FILE + ": epochs[1]: found 7, expected an object");
        JsonObject first = JsonFile.parse("{\"epochs\": [{\"dev\": {\"loss\": \"x\"}, \"step\": 1.5}]}", FILE)
                .objects("epochs")
                .get(0);
        assertThatThrownBy(() -> first.object("dev").number("loss"))
                .hasMessage(FILE + ": epochs[0].dev.loss: found \"x\", expected a number or null");
        assertThatThrownBy(() -> first.wholeNumber("step", 0))
                .hasMessage(FILE + ": epochs[0].step: found 1.5, expected a whole number of at least 0");
        assertThatThrownBy(() -> first.text("name"))
                .hasMessage(FILE + ": epochs[0].name: found nothing, expected text");
    }

    @Test
    void valuesOfTheTypeAskedFor_areRead() {
        JsonObject json = JsonFile.parse(
                "{\"seed\": 9007199254740993, \"loss\": null, \"rate\": 2, \"name\": \"a\", \"none\": null}", FILE);

        assertThat(json.wholeNumber("seed", 0)).isEqualTo(9007199254740993L);
        assertThat(json.number("loss")).isNaN();
        assertThat(json.number("rate")).isEqualTo(2.0);
        assertThat(json.textIfAny("name")).contains("a");
        assertThat(json.textIfAny("none")).isEmpty();
    }
}
