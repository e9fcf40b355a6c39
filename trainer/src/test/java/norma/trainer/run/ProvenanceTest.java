package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.trainer.device.CudaDriver;
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

    @Test
    void onACpu_aResumedRunIsDoubted_onlyWhereSomethingChanged() throws IOException {
        String cpu = WHOLE.replace("{\"config", "{\"device\": \"cpu\", \"config");
        Provenance provenance = Provenance.read(Files.writeString(folder.resolve("provenance.json"), cpu));
        assertThat(provenance.doubt(List.of())).isEmpty();
        assertThat(provenance.doubt(List.of("threads: 4, now 2")))
                .contains("not as when the run began, so the last digits may differ from a run never stopped:"
                        + " threads: 4, now 2");
    }

    @Test
    void theCard_itsDriverAndItsCuda_areKept_andAnotherOneIsSaid() throws IOException {
        CudaDriver.Card a100 = new CudaDriver.Card("NVIDIA A100-SXM4-40GB", 8, 0, 42_505_273_344L);
        CudaDriver.Card h100 = new CudaDriver.Card("NVIDIA H100 80GB HBM3", 9, 0, 85_520_809_984L);
        CudaDriver driver = new CudaDriver(null, 12_080, List.of(h100, a100, a100));
        ObjectNode before = Provenance.gpu("gpu:1,2", driver, Optional.of("570.86.15"));
        assertThat(before.toString())
                .isEqualTo("{\"card\":\"NVIDIA A100-SXM4-40GB, compute capability 8.0, 39.6 GiB\",\"cards\":2,"
                        + "\"driver\":\"570.86.15\",\"cuda\":\"12.8\"}");

        ObjectNode whole = (ObjectNode) new ObjectMapper().readTree(WHOLE);
        assertThat(whole.has("device")).isFalse();
        whole.put("device", "gpu:1,2").set("gpu", before);
        Path file = Files.writeString(folder.resolve("provenance.json"), whole.toString());
        ObjectNode now = JsonNodeFactory.instance.objectNode();
        now.set("gpu", Provenance.gpu("gpu:1,2", driver, Optional.of("570.86.15")));
        assertThat(Provenance.read(file).changes(now)).isEmpty();
        assertThat(Provenance.read(file).doubt(List.of()))
                .hasValueSatisfying(doubt -> assertThat(doubt).contains("on a GPU the last digits may differ"));
        now.set("gpu", Provenance.gpu("gpu", driver, Optional.of("575.51.03")));
        assertThat(Provenance.read(file).changes(now))
                .containsExactly(
                        "gpu.card: NVIDIA A100-SXM4-40GB, compute capability 8.0, 39.6 GiB, now NVIDIA H100 80GB HBM3,"
                                + " compute capability 9.0, 79.6 GiB",
                        "gpu.driver: 570.86.15, now 575.51.03");
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
