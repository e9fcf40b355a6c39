package norma.sweep.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class SweepFileTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void writeBase() throws IOException {
        Files.writeString(folder.resolve("base.yaml"), """
                seed: 7
                training: {steps: 100, batch_size: 8}
                optimizer: {learning_rate: 1e-3, beta2: 0.98}
                schedule: {warmup_steps: 10}
                """);
    }

    private SweepFile read(String yaml) throws IOException {
        return SweepFile.read(Files.writeString(folder.resolve("lr.yaml"), yaml));
    }

    @Test
    void grid_isEveryCombinationWithEverySeed_theFirstKeySlowest() throws IOException {
        SweepFile sweep = read("""
                base: base.yaml
                set: {training.steps: 50}
                grid:
                  optimizer.learning_rate: [1e-3, 0.002]
                  training.batch_size: [4, 8]
                seeds: [1, 2]
                """);

        assertThat(sweep.plan().name()).isEqualTo("lr");
        assertThat(sweep.plan().swept()).containsExactly("optimizer.learning_rate", "training.batch_size");
        assertThat(sweep.plan().runs().stream().map(SweptRun::name))
                .containsExactly(
                        "lr-learning_rate-0.001-batch_size-4-seed-1",
                        "lr-learning_rate-0.001-batch_size-4-seed-2",
                        "lr-learning_rate-0.001-batch_size-8-seed-1",
                        "lr-learning_rate-0.001-batch_size-8-seed-2",
                        "lr-learning_rate-0.002-batch_size-4-seed-1",
                        "lr-learning_rate-0.002-batch_size-4-seed-2",
                        "lr-learning_rate-0.002-batch_size-8-seed-1",
                        "lr-learning_rate-0.002-batch_size-8-seed-2");
        var last = sweep.configs().get("lr-learning_rate-0.002-batch_size-8-seed-2");
        assertThat(last.training().steps()).isEqualTo(50);
        assertThat(last.training().batchSize()).isEqualTo(8);
        assertThat(last.optimizer().learningRate()).isEqualTo(0.002);
        assertThat(last.optimizer().beta2()).as("of the base").isEqualTo(0.98);
        assertThat(last.seed()).isEqualTo(2);
    }

    @Test
    void seedsAlone_areOnePoint_andWithoutThem_theSeedIsTheBases() throws IOException {
        assertThat(read("{base: base.yaml, seeds: [3, 1]}").plan().runs().stream()
                        .map(SweptRun::name))
                .containsExactly("lr-seed-3", "lr-seed-1");
        assertThat(
                        read("{base: base.yaml, points: [{training.steps: 50}, {training.steps: 60}]}")
                                .plan()
                                .runs()
                                .stream()
                                .map(SweptRun::name))
                .containsExactly("lr-steps-50-seed-7", "lr-steps-60-seed-7");
    }

    @Test
    void points_haveNamesAndValuesOfTheirOwn_anotherOptimizerLeavesOutTheBasesKeys() throws IOException {
        SweepFile sweep = read("""
                base: base.yaml
                points:
                  - {name: as-it-is}
                  - {name: sgd, optimizer.type: sgd, optimizer.learning_rate: 0.1}
                """);

        assertThat(sweep.plan().points().stream().map(SweepPoint::name)).containsExactly("as-it-is", "sgd");
        assertThat(sweep.plan().points().get(1).values())
                .containsEntry("optimizer.type", "sgd")
                .containsEntry("optimizer.learning_rate", "0.1");
        assertThat(sweep.configs().get("lr-sgd-seed-7").optimizer().type().toString())
                .isEqualToIgnoringCase("sgd");
    }

    @Test
    void plan_isReadAsItWasWritten() throws IOException {
        SweepPlan plan = read("""
                base: base.yaml
                name: other
                grid: {data.corpus: [wordnet], training.steps: [20, 40]}
                seeds: [1, -2]
                probes: [outliers]
                """).plan();

        plan.write(folder.resolve("plan.json"));

        assertThat(SweepPlan.read(folder.resolve("plan.json"))).isEqualTo(plan);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {base: base.yaml, sedes: [1]} | lr.yaml, line 1: sedes: unknown key, did you mean seeds?
            {seeds: [1]} | base: found nothing, expected a configuration of a run
            {base: none.yaml} | none.yaml: no such file
            {base: base.yaml, grid: {}} | grid: found nothing, expected a key with its values
            {base: base.yaml, grid: {training.steps: []}} | grid.training.steps: found no value, expected at least one
            {base: base.yaml, grid: {training.steps: [50, 50]}} | grid.training.steps: found 50 twice, expected each value once
            {base: base.yaml, grid: {training.stesp: [50]}} | lr.yaml: grid.training.stesp: unknown key, did you mean training.steps?
            {base: base.yaml, grid: {trainign.steps: [50]}} | lr.yaml: grid.trainign: unknown key, did you mean training?
            {base: base.yaml, grid: {training.steps: [-5]}} | lr.yaml: grid.training.steps: found -5, expected
            {base: base.yaml, set: {training.steps: x}} | lr.yaml: set.training.steps: found "x", expected a whole number
            {base: base.yaml, set: {training: {steps: 5}}} | set.training: found {"steps":5}, expected a value, with the whole key
            {base: base.yaml, grid: {training.steps: [5]}, points: [{}]} | points: found points beside a grid, expected one of the two
            {base: base.yaml, points: []} | points: found none, expected a list of points
            {base: base.yaml, points: [{name: a}, {training.steps: 50}, {name: a}]} | points[2]: found the name a twice, expected another name than that of points[0]
            {base: base.yaml, points: [{training.steps: 50}, {training.steps: 50}]} | points[1]: found the name steps-50 twice
            {base: base.yaml, points: [{name: ../a}]} | points.name: found "../a", expected letters
            {base: base.yaml, name: a/b} | name: found a/b, expected letters
            {base: base.yaml, seeds: []} | seeds: found none, expected whole numbers
            {base: base.yaml, seeds: [1, 1]} | seeds: found 1 twice
            {base: base.yaml, seeds: [a]} | seeds: found
            {base: base.yaml, set: {seed: 3}} | set.seed: found a seed, expected the seeds under seeds
            {base: base.yaml, grid: {seed: [3]}} | grid.seed: found a seed, expected the seeds under seeds
            {base: base.yaml, probes: [outliers, outliers]} | probes: found outliers twice
            [1] | lr.yaml: found [1], expected a mapping
            """)
    void whatIsWrong_isSaidOfItsKey(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }
}
