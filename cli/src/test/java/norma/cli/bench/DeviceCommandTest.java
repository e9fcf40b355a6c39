package norma.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.TinyRunTests;
import norma.trainer.device.Bf16Support;
import norma.trainer.device.CudaDriver;
import norma.trainer.layernorm.LayerNormRecording;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Devices, precisions and replicas on the command line, as far as a CPU can show them. */
@Tag("run")
class DeviceCommandTest extends TinyRunTests {
    @Test
    void doctorCheck_holdsADeviceAgainstTheCpu_andTellsBothPrecisions() throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "doctor", "--check", "--device", "cpu,cpu", "--steps", 4, "--runs", runs, "--json", "--quiet");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().path("passes").asBoolean()).isTrue();
        JsonNode float32 = run.json().at("/checks/float32");
        assertThat(float32.at("/comparisons/0/difference").asDouble()).isBetween(0.0, 1e-5);
        assertThat(float32.path("tokens_per_second").asDouble()).isPositive();
        assertThat(float32.path("launch_seconds").asDouble())
                .isBetween(1e-6, float32.path("launched_and_done_seconds").asDouble());
        List<String> compared = float32.findValuesAsText("what");
        assertThat(compared).hasSize(5);
        assertThat(compared.get(1)).startsWith("loss of 4 training steps beside the same ones on the device before");
        assertThat(float32.at("/comparisons/1/difference").asDouble()).isZero();
        assertThat(compared.get(2)).startsWith("loss of 10 steps of fine-tuning beside the CPU's");
        assertThat(compared.get(3)).startsWith("logits of a probe beside the CPU's");
        assertThat(compared.get(4)).startsWith("memory that 3,000 reads of 1 MiB");
        assertThat(run.json().path("tf32").asText()).startsWith("not used here: the largest relative error");
        assertThat(run.json().path("tf32_matrix_product_gigaflops").asDouble()).isPositive();
        assertThat(run.json().path("libtorch").asText()).contains("MKL");
        assertThat(run.json().path("cuda").asText()).isEqualTo("not built in");
        assertThat(runs.toFile().list()).containsExactly(".cache");
        JsonNode bf16 = run.json().at("/checks/bf16");
        if (Bf16Support.problem("cpu").isPresent()) {
            assertThat(bf16.isMissingNode()).isTrue();
            assertThat(run.json().path("fastest_precision").asText()).startsWith("float32: this CPU has no bf16");
        } else {
            assertThat(bf16.at("/comparisons/0/difference").asDouble()).isBetween(1e-7, 2e-2);
            assertThat(bf16.path("tokens_per_second").asDouble()).isPositive();
            assertThat(run.json().path("fastest_precision").asText())
                    .matches("bf16: matrix products run [\\d.]+ times as fast as in float32"
                            + "|float32: matrix products run [\\d.]+ times as fast as in bf16");
        }
    }

    @Test
    void precisionAuto_isWhatTheCpuHasInstructionsFor_andIsKept() throws IOException {
        boolean slow = Bf16Support.problem("cpu").isPresent();
        CommandLineRun auto =
                CommandLineRun.of("pretrain", config, "--runs", runs, "--run", "auto", "--precision", "auto");
        assertThat(auto.code()).as(auto.err()).isZero();
        assertThat(auto.err()).contains(slow ? "precision: float32 (auto: this CPU has" : "precision: bf16 (auto: ");
        assertThat(Files.readString(runs.resolve("auto/config.yaml")))
                .contains(slow ? "precision: \"float32\"" : "precision: \"bf16\"");
        CommandLineRun asked =
                CommandLineRun.of("pretrain", config, "--runs", runs, "--run", "asked", "--precision", "bf16");
        if (slow) {
            asked.assertRefused("--precision: found bf16, expected float32, which is faster here: this CPU has");
        } else {
            assertThat(asked.code()).as(asked.err()).isZero();
        }
        assertThat(Files.exists(runs.resolve("asked"))).isEqualTo(!slow);
    }

    @Test
    void bench_takesPrecisionsInTurns() throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "bench",
                config,
                "--runs",
                runs,
                "--steps",
                2,
                "--warmup",
                1,
                "--json",
                "--quiet",
                "--set",
                "training.emulate_bf16=true",
                "--precision",
                "bf16,float32");
        assertThat(run.code()).as(run.err()).isZero();
        double bf16 = run.json().at("/trainings/bf16/step_seconds/median").asDouble();
        double float32 = run.json().at("/trainings/float32/step_seconds/median").asDouble();
        assertThat(run.json().path("bf16_over_float32").asDouble()).isCloseTo(bf16 / float32, within(1e-9));
        assertThat(runs.toFile().list()).containsExactly(".cache");
        CommandLineRun.of("bench", config, "--runs", runs, "--precision", "bf16,fp8")
                .assertRefused("--precision: found \"fp8\", expected one of float32, tf32, bf16, auto");
    }

    @Test
    void bench_takesConfigurationsInTurns() throws IOException {
        Path other = config.resolveSibling("other.yaml");
        Files.writeString(other, Files.readString(config).replace("seed: ", "seed: 1"));
        CommandLineRun run = CommandLineRun.of(
                "bench", config, other, "--runs", runs, "--steps", 2, "--warmup", 1, "--json", "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        String first = config.getFileName().toString().replace(".yaml", "");
        double fraction =
                run.json().at("/trainings/" + first + "/fraction_of_peak").asDouble();
        double otherFraction =
                run.json().at("/trainings/other/fraction_of_peak").asDouble();
        assertThat(run.json().at("/fraction_of_peak_over_" + first + "/other").asDouble())
                .isCloseTo(otherFraction / fraction, within(1e-9));
        assertThat(run.json().path(first + "_over_other").asDouble())
                .isCloseTo(
                        run.json()
                                        .at("/trainings/" + first + "/step_seconds/median")
                                        .asDouble()
                                / run.json()
                                        .at("/trainings/other/step_seconds/median")
                                        .asDouble(),
                        within(1e-9));
        assertThat(runs.toFile().list()).containsExactly(".cache");
        CommandLineRun.of("bench", config, config, "--runs", runs)
                .assertRefused("expected a file whose name none of the others has");
        Files.writeString(other, Files.readString(config) + "\ndevice: gpu\n");
        CommandLineRun.of("bench", config, other, "--runs", runs)
                .assertRefused("other.yaml: device: found gpu, expected cpu, as in");
        Files.writeString(other, Files.readString(config).replaceFirst("batch_size: \\d+", "batch_size: 100000"));
        CommandLineRun.of("bench", config, other, "--runs", runs)
                .assertRefused("training.batch_size: found 100000, expected at most");
    }

    @Test
    void doctorGpu_withoutOne_saysSoInASentence() {
        assumeTrue(CudaDriver.ask().cards().isEmpty(), "skipped: there is a GPU here");
        CommandLineRun run = CommandLineRun.of("doctor", "--gpu", "--runs", runs);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().strip()).contains("device: found gpu, expected cpu: there is no NVIDIA driver here");
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .containsPattern("(?m)^java +\\d+")
                .containsPattern("(?m)^driver +there is no NVIDIA driver");
        CommandLineRun none = CommandLineRun.of("doctor", "--check", "--reference", runs.resolve("none"));
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err().strip()).contains("none: has no config.json, expected a folder of reference outputs");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --reference x      | --reference: found x, expected --check or --gpu beside it
            --steps 5          | --steps: found 5, expected --check or --gpu beside it
            --gpu --device cpu | --device: found cpu, expected a GPU beside --gpu
            """)
    void doctor_refusesWhatItWouldNotDo(String words, String message) {
        List<Object> arguments = new ArrayList<>(List.of("doctor"));
        arguments.addAll(List.of((Object[]) words.split(" ", -1)));
        CommandLineRun.of(arguments.toArray()).assertRefused(message);
    }

    /** The bytes of a run whose loss is looked at now and then are those of one whose loss is looked at always. */
    @Test
    void checkEvery_changesWhenTheLossIsLookedAt_andNothingElse() throws IOException {
        for (String every : List.of("1", "4")) {
            CommandLineRun run = CommandLineRun.of(
                    "pretrain",
                    config,
                    "--runs",
                    runs,
                    "--run",
                    "every" + every,
                    "--quiet",
                    "--set",
                    "training.check_every=" + every,
                    "--set",
                    "logging.every=3");
            assertThat(run.code()).as(run.err()).isZero();
        }
        Path a = runs.resolve("every1");
        Path b = runs.resolve("every4");
        assertThat(b.resolve("checkpoints/step-00000006/model.safetensors"))
                .hasSameBinaryContentAs(a.resolve("checkpoints/step-00000006/model.safetensors"));
        LayerNormRecording ours = LayerNormRecording.open(b.resolve("layernorm.zarr"));
        LayerNormRecording theirs = LayerNormRecording.open(a.resolve("layernorm.zarr"));
        assertThat(ours.steps()).isEqualTo(theirs.steps()).hasSize(7);
        for (long row = 0; row < theirs.size(); row++) {
            assertThat(ours.snapshot(row)).isEqualTo(theirs.snapshot(row));
        }
    }

    @Test
    void replicas_trainLikeOneModel_andBf16Trains() throws IOException {
        CommandLineRun one = CommandLineRun.of("pretrain", config, "--runs", runs, "--run", "one", "--json", "--quiet");
        CommandLineRun two = CommandLineRun.of(
                "pretrain", config, "--runs", runs, "--run", "two", "--json", "--quiet", "--device", "cpu,cpu");
        CommandLineRun low = CommandLineRun.of(
                "pretrain",
                config,
                "--runs",
                runs,
                "--run",
                "low",
                "--json",
                "--quiet",
                "--precision",
                "bf16",
                "--set",
                "training.emulate_bf16=true");
        assertThat(two.code()).as(two.err()).isZero();
        assertThat(low.code()).as(low.err()).isZero();
        double loss = one.json().path("loss").asDouble();
        assertThat(two.json().path("loss").asDouble()).isCloseTo(loss, within(1e-4));
        assertThat(low.json().path("loss").asDouble())
                .isCloseTo(loss, within(0.05))
                .isNotEqualTo(loss);
        assertThat(Files.readString(runs.resolve("low/config.yaml"))).contains("precision: \"bf16\"");
    }
}
