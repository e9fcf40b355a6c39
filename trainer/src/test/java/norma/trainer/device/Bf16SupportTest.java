package norma.trainer.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class Bf16SupportTest {
    @TempDir
    private Path folder;

    /** Lines as Linux writes them, abridged, on a Zen 4, a Zen 3, a Sapphire Rapids, a Graviton 3 and a Graviton 2. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            flags		: fpu vme avx512vl xsaves avx512_bf16 clzero | true
            flags		: fpu vme avx2 xsaves clzero                | false
            flags		: fpu avx512f amx_bf16 avx512_fp16 amx_tile | true
            Features	: fp asimd i8mm bf16 dgh rng                | true
            Features	: fp asimd evtstrm aes                      | false
            model name	: a CPU named bf16                          | false
            """)
    void theCpusFlags_decide(String line, boolean has) throws IOException {
        Path cpuinfo = folder.resolve("cpuinfo");
        Files.writeString(cpuinfo, "processor\t: 0\n" + line + "\nbugs\t\t: none\n");
        assertThat(Bf16Support.problemOfCpu(cpuinfo).isEmpty()).isEqualTo(has);
    }

    @Test
    void aSystemThatDoesNotTell_isNotTakenForOneThatHas() {
        assertThat(Bf16Support.problemOfCpu(folder.resolve("none")))
                .hasValueSatisfying(problem -> assertThat(problem).contains("cannot be told"));
    }

    @Test
    void aCardHasThem_fromCapability80On_andOnlyTheNamedOnesCount() {
        CudaDriver.Card turing = new CudaDriver.Card("Tesla T4", 7, 5, 16L << 30);
        CudaDriver.Card ampere = new CudaDriver.Card("NVIDIA A100", 8, 0, 40L << 30);
        List<CudaDriver.Card> cards = List.of(turing, ampere, ampere);
        assertThat(Bf16Support.problem(cards, "gpu:1,2")).isEmpty();
        assertThat(Bf16Support.problem(cards, "gpu"))
                .hasValueSatisfying(
                        problem -> assertThat(problem).startsWith("Tesla T4").contains("8.0"));
        assertThat(Bf16Support.problem(cards, "gpu:1,0")).isPresent();
    }
}
