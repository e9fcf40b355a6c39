package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hugging Face transformers itself opens a checkpoint, where Python has it ({@code -Dnorma.python=INTERPRETER}). */
@Tag("run")
class TransformersTest {
    private static final String SCRIPT = """
            import json, sys, torch, transformers
            from transformers import AutoConfig, AutoModel, AutoModelForPreTraining, AutoTokenizer
            checkpoint, folder, text = sys.argv[1:]
            _, main = AutoModelForPreTraining.from_pretrained(checkpoint, output_loading_info=True)
            _, encoder = AutoModel.from_pretrained(checkpoint, output_loading_info=True)
            predictor = getattr(transformers, AutoConfig.from_pretrained(folder).architectures[0])
            model, info = predictor.from_pretrained(folder, output_loading_info=True)
            tokenizer = AutoTokenizer.from_pretrained(folder)
            inputs = tokenizer(text.replace("[MASK]", tokenizer.mask_token), return_tensors="pt")
            ids = inputs["input_ids"][0].tolist()
            blank = row = ids.index(tokenizer.mask_token_id)
            if model.config.model_type == "xlnet":  # whose query stream is asked for the blank
                inputs["perm_mask"] = torch.zeros(1, len(ids), len(ids))
                inputs["perm_mask"][:, :, blank] = 1
                inputs["target_mapping"] = torch.zeros(1, 1, len(ids))
                inputs["target_mapping"][0, 0, blank] = 1
                row = 0
            with torch.no_grad():
                output = model.eval()(**inputs)
            logits = (output.prediction_logits if "prediction_logits" in output else output.logits)[0]
            top = logits[row].softmax(-1).topk(5)
            json.dump({"amiss": [str(v) for loaded in (main, info) for v in loaded.values() if v], "missing": sorted(encoder["missing_keys"]),
                       "tokens": tokenizer.convert_ids_to_tokens(ids),
                       "ids": top.indices.tolist(), "probabilities": top.values.tolist()}, sys.stdout)
            """;

    @TempDir
    Path folder;

    static Stream<String> architectures() {
        return EveryArchitectureTest.architectures();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void transformers_opensACheckpoint_andFillsABlankAlike(String modelType) throws IOException, InterruptedException {
        String python = System.getProperty("norma.python", "python3");
        assumeTrue(
                run(python, "-c", "import transformers, torch") == 0,
                "skipped: " + python + " has no transformers (pip install transformers torch)");
        Path run = EveryArchitectureTest.shortRun(modelType, folder.resolve("runs"));
        String text = "The 3 [MASK] ships, \u00e9 \u5317.";

        Path checkpoint = run.resolve("checkpoints/step-00000006");
        Path predictor = EveryArchitectureTest.predictor(checkpoint);

        int status = run(python, "-c", SCRIPT, checkpoint.toString(), predictor.toString(), text);

        assertThat(status).as(Files.readString(folder.resolve("err"))).isZero();
        JsonNode theirs = new ObjectMapper().readTree(folder.resolve("out").toFile());
        JsonNode ours = CommandLineRun.of("fill", predictor, text, "--json", "--quiet")
                .json()
                .at("/texts/0");
        assertThat(theirs.path("amiss")).isEmpty();
        assertThat(theirs.path("missing"))
                .as("of the encoder, besides a pooler that the objective does not train")
                .allMatch(name -> name.asText().startsWith("pooler."));
        assertThat(theirs.path("tokens")).isEqualTo(ours.path("tokens"));
        for (int i = 0; i < 5; i++) {
            JsonNode prediction = ours.at("/masks/0/full/" + i);
            assertThat(prediction.path("id")).isEqualTo(theirs.path("ids").get(i));
            assertThat(prediction.path("probability").asDouble())
                    .isCloseTo(theirs.path("probabilities").get(i).asDouble(), within(1e-6));
        }
    }

    private int run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectOutput(folder.resolve("out").toFile())
                    .redirectError(folder.resolve("err").toFile())
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1; // there is no such program
        }
    }
}
