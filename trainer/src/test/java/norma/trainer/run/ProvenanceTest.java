package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class ProvenanceTest {
    private static final String WHOLE =
            "{\"config_sha256\": \"ab\", \"data\": {\"corpus_sha256\": \"cd\"}, \"resumed\": [], \"ended\": null}";

    @TempDir
    Path folder;

    @Test
    void resumingAndEnding_areNotedBesideWhatWasThere() throws IOException {
        Path file = Files.writeString(folder.resolve("provenance.json"), WHOLE);
        Provenance provenance = Provenance.read(file);
        provenance.resumed(7);
        provenance.ended();

        Provenance read = Provenance.read(file);
        assertThat(read.hasEnded()).isTrue();
        assertThat(read.corpusSha256()).isEqualTo("cd");
        assertThat(read.configSha256()).isEqualTo("ab");
        assertThat(Files.readString(file)).contains("\"from_step\" : 7");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"resumed\": []|\"resumed\": \"x\"|resumed: found \"x\", expected a list of objects",
                "\"resumed\": []|\"resumed\": [1]|resumed[0]: found 1, expected an object",
                "\"data\": {|\"date\": {|data: found nothing, expected an object",
                "\"ab\"|5|config_sha256: found 5, expected text",
                "\"ended\": null|\"ended\": true|ended: found true, expected text",
            })
    void aValueOfAnotherType_isNamedByFileAndKey(String was, String is, String finding) throws IOException {
        Path file = Files.writeString(folder.resolve("provenance.json"), WHOLE.replace(was, is));

        assertThatThrownBy(() -> Provenance.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": " + finding);
    }

    @Test
    void aFileThatWasCut_isSaidInOneSentence() throws IOException {
        Path file = Files.writeString(folder.resolve("provenance.json"), WHOLE.substring(0, 30));

        assertThatThrownBy(() -> Provenance.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": ends in the middle (line 1, column 31), expected a JSON object");
    }
}
