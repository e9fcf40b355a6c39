package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.datasets.batches.Batch;
import norma.probes.ablation.AblationContrast;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.ForwardObserver;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code model.variant.norm}: what is recorded of it, and what the probes make of the record and of the model. */
@Tag("run")
class NormVariantTest {
    private static final int HIDDEN = 16;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "bert, no-scale, weight, bert",
        "bert, one-scale, weight, norma-bert",
        "bert, rms-norm, bias, norma-bert",
        "roberta, one-scale, weight, norma-roberta"
    })
    void whatANormLacks_isMissingInTheRecording_andSaidByTheProbes_andADimensionCanStillBeSwitchedOff(
            String type, String norm, String missing, String storedType) throws Exception {
        Path run = type.equals("bert")
                ? CommandLineRun.tinyRun(folder, "model.variant.norm=" + norm)
                : CommandLineRun.tinyRun(
                        folder,
                        "model.variant.norm=" + norm,
                        "model.model_type=roberta",
                        "model.max_position_embeddings=20",
                        "model.pad_token_id=0");

        Part part = missing.equals("weight") ? Part.WEIGHT : Part.BIAS;
        Part other = part == Part.WEIGHT ? Part.BIAS : Part.WEIGHT;
        LayerNormRecording recording = LayerNormRecording.open(run.resolve("layernorm.zarr"));
        SnapshotLayout layout = recording.layout();
        float[] last = recording.snapshot(6);
        for (int site = 0; site < layout.size(); site++) {
            boolean head = layout.site(site).name().equals("head");
            assertThat(layout.has(site, part)).isEqualTo(head);
            assertThat(Float.isNaN(last[layout.offset(site, part)])).isEqualTo(!head);
            assertThat(last[layout.offset(site, other)]).isFinite().isNotIn(0f, 1f);
        }
        JsonNode sites = new ObjectMapper()
                .readTree(run.resolve("layernorm.zarr/.zattrs").toFile())
                .get("sites");
        assertThat(sites.get(0).get(missing).isNull()).isTrue();
        assertThat(sites.get(0).has("constants")).isEqualTo(part == Part.WEIGHT);

        Path checkpoint = run.resolve("checkpoints/step-00000006");
        JsonNode config =
                new ObjectMapper().readTree(checkpoint.resolve("config.json").toFile());
        assertThat(config.get("model_type").asText()).isEqualTo(storedType);
        assertThat(config.at("/norma_variant/norm").asText()).isEqualTo(norm);
        if (part == Part.WEIGHT) {
            String ones = layout.site(0).constants().parameter();
            Checkpoint stored = new Checkpoint(checkpoint, 6);
            assertThat(stored.weights().get(ones).values()).hasSize(HIDDEN).containsOnly(1f);
            assertThat(stored.optimizerState()).doesNotContainKey("exp_avg." + ones);
            String scale = ones.replace(".weight", ".scale");
            assertThat(stored.weights().containsKey(scale)).isEqualTo(norm.equals("one-scale"));
            if (norm.equals("one-scale")) {
                assertThat(stored.weights().get(scale).values()[0]).isNotEqualTo(1f);
            }
        }

        for (String probe : List.of("outliers", "emergence")) {
            CommandLineRun probed = CommandLineRun.of(probe, run);
            assertThat(probed.code()).as(probed.err()).isZero();
            assertThat(probed.out())
                    .contains("the sites have no " + missing + ": there the rule looks at the other vector alone");
        }
        assertThat(CommandLineRun.of("verify", run).code()).isZero();
        assertThat(CommandLineRun.of("ablate", run, "--dims", "3", "--eval-rows", "4")
                        .code())
                .isZero();
        requireSwitchedOff(checkpoint);
        CommandLineRun.of("pretrain", "--from", run + "@3", "--runs", folder, "--set", "model.variant.norm=layer-norm")
                .assertRefused("--set model.variant.norm=layer-norm: found layer-norm, expected " + norm
                        + ": the recording continues with the parent's sites");
        assertThat(Files.exists(folder.resolve("a-from-3"))).isFalse();
    }

    @Test
    void normsBeforeAttentionAndFeedForward_leaveAMatrixAsTheLastOperationOfALayer_forRuleAndAblation()
            throws Exception {
        Path run = CommandLineRun.tinyRun(folder, "model.variant.norm_position=pre");
        CommandLineRun outliers = CommandLineRun.of("outliers", run, "--json");
        assertThat(outliers.code()).as(outliers.err()).isZero();
        SnapshotLayout layout =
                LayerNormRecording.open(run.resolve("layernorm.zarr")).layout();
        assertThat(layout.site(layout.outputs()[1]).weight().parameter())
                .isEqualTo("bert.encoder.layer.1.output.dense.weight");
        for (String probe : List.of("emergence", "verify", "attention")) {
            CommandLineRun probed = CommandLineRun.of(probe, run);
            assertThat(probed.code()).as(probed.err()).isZero();
        }
        CommandLineRun ablated = CommandLineRun.of("ablate", run, "--dims", "3", "--eval-rows", "4");
        assertThat(ablated.code()).as(ablated.err()).isZero();
        Path checkpoint = run.resolve("checkpoints/step-00000006");
        try (PretrainedModel model = PretrainedModel.open(checkpoint, Device.cpu())) {
            float[] off = AblationContrast.without(
                    model, List.of(3), () -> model.parameter("bert.encoder.layer.1.output.dense.weight"));
            for (int i = 0; i < off.length; i++) {
                assertThat(off[i] == 0).isEqualTo(i / (off.length / HIDDEN) == 3);
            }
        }
        CommandLineRun.of(
                        "pretrain", "--from", run + "@3", "--runs", folder, "--set", "model.variant.norm_position=post")
                .assertRefused("--set model.variant.norm_position=post: found post, expected pre");
    }

    /** Nothing of a dimension is left in any layer's output, and all of it in the model before and after. */
    private static void requireSwitchedOff(Path checkpoint) {
        int[] ids = {5, 6, 7, 8, 9, 10};
        Batch batch = new Batch(
                1, ids.length, ids, new int[ids.length], new int[] {ids.length}, new int[0], new int[0], null);
        try (PretrainedModel model = PretrainedModel.open(checkpoint, Device.cpu());
                BatchState state = model.advance(batch, 0)) {
            float[] whole = model.lastHiddenState(state, ForwardObserver.NONE);
            float[] without = AblationContrast.without(
                    model, List.of(3), () -> model.lastHiddenState(state, ForwardObserver.NONE));
            for (int token = 0; token < ids.length; token++) {
                assertThat(whole[token * HIDDEN + 3]).isNotZero();
                assertThat(without[token * HIDDEN + 3]).isZero();
                assertThat(without[token * HIDDEN + 4]).isNotZero();
            }
            assertThat(model.lastHiddenState(state, ForwardObserver.NONE)).containsExactly(whole);
        }
    }
}
