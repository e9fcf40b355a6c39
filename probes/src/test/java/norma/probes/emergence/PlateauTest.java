package norma.probes.emergence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class PlateauTest {
    @TempDir
    Path run;

    /** A run with a level of 6 nats, evaluated every 100 steps. */
    private Optional<Plateau> plateau(double... losses) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < losses.length; i++) {
            lines.append("{\"step\":").append(100 * i).append(",\"loss\":1.0,\"validation\":{\"mlm_loss\":");
            lines.append(losses[i]).append(",\"unigram_loss\":6.5,\"context_free_loss\":6.0}}\n");
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines);
        return LossesAtSteps.read(run).plateau();
    }

    @Test
    void itIsReachedWithinATenthOfANat_andLeftAQuarterBelow_forGood() throws IOException {
        Plateau plateau = plateau(9, 6.2, 6.09, 5.76, 5.7, 5.8, 5.74, 4).orElseThrow();
        assertThat(plateau).isEqualTo(new Plateau(6, 200L, 600L, 500L));
        assertThat(plateau.sentence())
                .isEqualTo(
                        "On the plateau (the best loss without context, 6.000 nats) since step 200; left at step 600 (or"
                                + " after 500, the evaluation before).");
    }

    @Test
    void oneThatIsNotLeft_orNotReached_hasNoSuchStep() throws IOException {
        assertThat(plateau(9, 6.1, 5.7, 5.75)).hasValue(new Plateau(6, 100L, null, null));
        assertThat(plateau(9, 8)).hasValue(new Plateau(6, null, null, null));
        assertThat(plateau(9, 8).orElseThrow().sentence())
                .isEqualTo("Still above the best loss without context, 6.000 nats.");
    }

    @Test
    void aRunThatDidNotMeasureTheLevel_hasNoPlateau() throws IOException {
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":0,\"validation\":{\"mlm_loss\":9.0}}\n");
        assertThat(LossesAtSteps.read(run).plateau()).isEmpty();
    }
}
