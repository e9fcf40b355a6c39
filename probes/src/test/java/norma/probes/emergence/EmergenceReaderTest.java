package norma.probes.emergence;

import static norma.probes.emergence.ConstructedRecording.output;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.probes.emergence.ConstructedRecording.Damage;
import norma.probes.emergence.ConstructedRecording.Plan;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class EmergenceReaderTest {
    private static final int LAYERS = 4;
    private static final int ROWS = 170; // three full chunks and a part

    @TempDir
    Path folder;

    @Test
    void whereNothingDeparts_nothingIsFound() throws IOException {
        Emergence found = read((step, site, weight, d) -> false);
        assertThat(found.dimensions()).isEmpty();
        assertThat(found.departures()).isEmpty();
        assertThat(found.counts()).extracting(Emergence.Count::count).containsOnly(0);
        assertThat(found.firstStep()).isZero();
        assertThat(found.lastStep()).isEqualTo(169);
    }

    @Test
    void aDimensionThatIsAnOutlierFromTheStart_emergedAtTheFirstStep() throws IOException {
        EmergedDimension only = only(read((step, site, weight, d) -> d == 7 && output(site, 3)));
        assertThat(only.dimension()).isEqualTo(7);
        assertThat(only.emergenceStep()).isZero();
        assertThat(only.firstStep()).isZero();
        assertThat(only.crossings()).isEqualTo(1);
    }

    @Test
    void aBriefCrossing_isNoEmergence() throws IOException {
        EmergedDimension only =
                only(read((step, site, weight, d) -> d == 7 && output(site, 3) && step >= 40 && step < 60));
        assertThat(only.emergenceStep()).isNull();
        assertThat(only.firstStep()).isEqualTo(40);
        assertThat(only.crossings()).isEqualTo(1);
    }

    @Test
    void afterCrossingAndReturn_theSecondCrossingCounts() throws IOException {
        Emergence found = read(
                (step, site, weight, d) -> d == 7 && output(site, 3) && ((step >= 40 && step < 60) || step >= 101));
        EmergedDimension only = only(found);
        assertThat(only.emergenceStep()).isEqualTo(101);
        assertThat(only.firstStep()).isEqualTo(40);
        assertThat(only.crossings()).isEqualTo(2);
        assertThat(found.counts().subList(0, 4))
                .containsExactly(
                        new Emergence.Count(0, 0),
                        new Emergence.Count(40, 1),
                        new Emergence.Count(60, 0),
                        new Emergence.Count(101, 1));
    }

    @Test
    void atTheLastStepOnly_itEmergesThere() throws IOException {
        EmergedDimension only = only(read((step, site, weight, d) -> d == 63 && output(site, 4) && step == 169));
        assertThat(only.dimension()).isEqualTo(63);
        assertThat(only.emergenceStep()).isEqualTo(169);
    }

    @Test
    void untilTheLastStepButOne_itDidNotEmerge() throws IOException {
        EmergedDimension only = only(read((step, site, weight, d) -> d == 0 && output(site, 4) && step < 169));
        assertThat(only.emergenceStep()).isNull();
    }

    @Test
    void exactlyHalfOfTheLayers_isNotMoreThanHalf() throws IOException {
        assertThat(read((step, site, weight, d) -> d == 7 && output(site, 2)).dimensions())
                .isEmpty();
    }

    @Test
    void oneLayerShortOfMoreThanHalf_becomesEnoughWhenTheLayerComes() throws IOException {
        EmergedDimension only =
                only(read((step, site, weight, d) -> d == 7 && (output(site, 2) || (output(site, 3) && step >= 99))));
        assertThat(only.emergenceStep()).isEqualTo(99);
    }

    @Test
    void theBiasHasToFollowTheWeight_byAnd_butNotByOr() throws IOException {
        Plan plan = (step, site, weight, d) -> d == 7 && output(site, 3) && (weight ? step >= 20 : step >= 120);
        Path store = ConstructedRecording.write(folder, LAYERS, ROWS, 1, plan);
        assertThat(only(read(store, OutlierRule.PAPER)).emergenceStep()).isEqualTo(120);
        OutlierRule or = new OutlierRule(3, 0.5, OutlierRule.Combination.OR);
        assertThat(only(read(store, or)).emergenceStep()).isEqualTo(20);
    }

    @Test
    void embeddingsAttentionAndHead_areNoLayers() throws IOException {
        Emergence found = read((step, site, weight, d) -> d == 7 && !output(site, LAYERS));
        assertThat(found.dimensions()).isEmpty();
        assertThat(found.departures()).hasSize(LAYERS + 2);
    }

    @Test
    void twoDimensions_eachHaveTheirOwnSteps() throws IOException {
        Emergence found =
                read((step, site, weight, d) -> output(site, 3) && ((d == 7 && step >= 30) || (d == 50 && step >= 51)));
        assertThat(found.dimensions())
                .extracting(EmergedDimension::dimension, EmergedDimension::emergenceStep)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(7, 30L), org.assertj.core.groups.Tuple.tuple(50, 51L));
        assertThat(found.counts().get(found.counts().size() - 1).count()).isEqualTo(2);
    }

    @Test
    void whereTheRuleFindsNothing_aWeightThatDepartsAloneIsStillReported() throws IOException {
        Emergence found =
                read((step, site, weight, d) -> d == 9 && weight && site.equals("layer.2.output") && step >= 77);
        assertThat(found.dimensions()).isEmpty();
        Departure departure = found.departures().get(0);
        assertThat(found.departures()).hasSize(1);
        assertThat(departure.site()).isEqualTo("layer.2.output");
        assertThat(departure.dimension()).isEqualTo(9);
        assertThat(departure.weightStep()).isEqualTo(77);
        assertThat(departure.biasStep()).isNull();
        assertThat(departure.first()).isEqualTo("weight");
        assertThat(departure.weightZ()).isGreaterThan(7);
    }

    @Test
    void layersInTheOrderInWhichTheyDeparted_andWeightBeforeBias() throws IOException {
        long[] weightAt = {90, 30, 60, 10};
        long[] biasAt = {80, 50, 60, 10_000};
        Emergence found = read((step, site, weight, d) -> {
            if (d != 7 || !output(site, LAYERS)) {
                return false;
            }
            int layer = Integer.parseInt(site.split("\\.", -1)[1]);
            return step >= (weight ? weightAt : biasAt)[layer];
        });
        EmergedDimension only = only(found);
        assertThat(only.emergenceStep()).isEqualTo(90);
        assertThat(only.order()).containsExactly("layer.1.output", "layer.2.output", "layer.0.output");
        assertThat(found.departures())
                .extracting(Departure::site, Departure::first)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("layer.0.output", "bias"),
                        org.assertj.core.groups.Tuple.tuple("layer.1.output", "weight"),
                        org.assertj.core.groups.Tuple.tuple("layer.2.output", "both"),
                        org.assertj.core.groups.Tuple.tuple("layer.3.output", "weight"));
    }

    @Test
    void byOr_aLayerHoldsWhileEitherHolds() throws IOException {
        Plan plan = (step, site, weight, d) -> d == 7 && output(site, 3) && (weight ? step < 60 : step >= 50);
        Path store = ConstructedRecording.write(folder, LAYERS, ROWS, 1, (step, site, weight, d) -> {
            // layer 1 departs at step 20, the others at 0; all by weight first, handed over to the bias
            return plan.beyond(step, site, weight, d) && !(site.equals("layer.1.output") && step < 20);
        });
        Emergence found = read(store, new OutlierRule(3, 0.5, OutlierRule.Combination.OR));
        assertThat(only(found).order()).containsExactly("layer.0.output", "layer.2.output", "layer.1.output");
    }

    @Test
    void everyThirdStep_givesStepsAndNotRows() throws IOException {
        Path store = ConstructedRecording.write(
                folder, LAYERS, 60, 3, (step, site, weight, d) -> d == 7 && output(site, 3) && step >= 100);
        Emergence found = read(store, OutlierRule.PAPER);
        assertThat(only(found).emergenceStep()).isEqualTo(102);
        assertThat(found.every()).isEqualTo(3);
        assertThat(found.lastStep()).isEqualTo(177);
        assertThat(found.gaps()).isEmpty();
    }

    @Test
    void aStepOfNaN_satisfiesNothing() throws IOException {
        Plan plan = (step, site, weight, d) -> d == 7 && output(site, 3) && step >= 40;
        EmergedDimension only = only(read(plan, (step, snapshot) -> {
            if (step == 90) {
                Arrays.fill(snapshot, Float.NaN);
            }
        }));
        assertThat(only.emergenceStep()).isEqualTo(91);
        assertThat(only.firstStep()).isEqualTo(40);
        assertThat(only.crossings()).isEqualTo(2);
    }

    @Test
    void whenTrainingEndsInNaN_nothingHasEmerged() throws IOException {
        Plan plan = (step, site, weight, d) -> d == 7 && output(site, 3) && step >= 40;
        Emergence found = read(plan, (step, snapshot) -> {
            if (step >= 150) {
                Arrays.fill(snapshot, Float.NaN);
            }
        });
        assertThat(only(found).emergenceStep()).isNull();
        assertThat(found.departures()).isEmpty();
        assertThat(found.gaps()).as("they were recorded").isEmpty();
        assertThat(found.lastStep()).isEqualTo(169);
    }

    @Test
    void naNInOneVector_takesThatVectorOnly() throws IOException {
        Plan plan = (step, site, weight, d) -> d == 7 && output(site, 3);
        int vector = 4 * 2 * ConstructedRecording.HIDDEN; // weight of layer.1.output
        Emergence found = read(plan, (step, snapshot) -> {
            if (step == 90) {
                snapshot[vector + 1] = Float.NaN;
            }
        });
        assertThat(only(found).emergenceStep()).isEqualTo(91);
        assertThat(departure(found, "layer.1.output").weightStep()).isEqualTo(91);
        assertThat(departure(found, "layer.1.output").biasStep()).isZero();
        assertThat(departure(found, "layer.0.output").weightStep()).isZero();
    }

    @Test
    void naNInAllWeights_breaksThem_thoughTheBiasesAreThere() throws IOException {
        Plan plan = (step, site, weight, d) -> d == 7 && output(site, 3);
        Emergence found = read(plan, (step, snapshot) -> {
            if (step == 90) {
                for (int i = 0; i < snapshot.length; i++) {
                    snapshot[i] = i / ConstructedRecording.HIDDEN % 2 == 0 ? Float.NaN : snapshot[i];
                }
            }
        });
        assertThat(only(found).emergenceStep()).isEqualTo(91);
        assertThat(departure(found, "layer.1.output").weightStep()).isEqualTo(91);
        assertThat(departure(found, "layer.1.output").biasStep()).isZero();
    }

    @Test
    void aLostChunk_isAGap_andIsNotJudged() throws IOException {
        Path store = ConstructedRecording.write(
                folder,
                LAYERS,
                ROWS,
                1,
                (step, site, weight, d) -> output(site, 3) && ((d == 7 && step >= 40) || (d == 8 && step >= 70)));
        Files.delete(store.resolve("weight/1.0.0")); // steps 50 to 99
        Emergence found = read(store, OutlierRule.PAPER);
        assertThat(found.gaps()).containsExactly(new Emergence.Gap(50, 99));
        assertThat(found.dimensions())
                .extracting(EmergedDimension::dimension, EmergedDimension::emergenceStep)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(7, 40L), org.assertj.core.groups.Tuple.tuple(8, 100L));
    }

    @Test
    void lostFirstAndLastChunks_moveTheEndsOfTheRecording() throws IOException {
        Path store = ConstructedRecording.write(
                folder, LAYERS, ROWS, 1, (step, site, weight, d) -> d == 7 && output(site, 3) && step < 160);
        Files.delete(store.resolve("weight/0.0.0"));
        Files.delete(store.resolve("bias/3.0.0"));
        Emergence found = read(store, OutlierRule.PAPER);
        assertThat(found.gaps()).containsExactly(new Emergence.Gap(0, 49), new Emergence.Gap(150, 169));
        assertThat(found.firstStep()).isEqualTo(50);
        assertThat(found.lastStep()).isEqualTo(149);
        assertThat(only(found).emergenceStep()).isEqualTo(50);
    }

    @Test
    void aRecordingWithoutASingleStep_isRefused() {
        Path store = ConstructedRecording.write(folder, LAYERS, 0, 1, (step, site, weight, d) -> false);
        assertThatThrownBy(() -> read(store, OutlierRule.PAPER)).isInstanceOf(InvalidInputException.class);
    }

    private static EmergedDimension only(Emergence found) {
        assertThat(found.dimensions()).hasSize(1);
        return found.dimensions().get(0);
    }

    private static Departure departure(Emergence found, String site) {
        List<Departure> here = found.departures().stream()
                .filter(departure -> departure.site().equals(site))
                .toList();
        assertThat(here).hasSize(1);
        return here.get(0);
    }

    private Emergence read(Plan plan) throws IOException {
        return read(plan, (step, snapshot) -> {});
    }

    private Emergence read(Plan plan, Damage damage) throws IOException {
        return read(ConstructedRecording.write(folder, LAYERS, ROWS, 1, plan, damage), OutlierRule.PAPER);
    }

    private static Emergence read(Path store, OutlierRule rule) throws IOException {
        return EmergenceReader.read(LayerNormRecording.open(store), rule, Progress.NONE);
    }
}
