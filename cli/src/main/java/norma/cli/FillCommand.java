package norma.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.probes.fill.BlankFilling;
import norma.probes.fill.FillJson;
import norma.probes.fill.FillText;
import norma.probes.fill.FilledText;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.bert.PretrainedBert;
import norma.trainer.device.Devices;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a model writes into blanks. */
@Command(
        name = "fill",
        description = {
            "Fills the blanks of texts with a model's likeliest tokens; with --ablate side by side for the whole model,",
            "without those dimensions (weight and bias of every layer's output LayerNorm 0), and without as many random",
            "ones. Probabilities are shares of the whole vocabulary."
        })
final class FillCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "TEXT",
            arity = "1..*",
            description = "Texts, each with [MASK] (or the tokenizer's own mask token) where a word is missing.")
    private List<String> texts;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            required = true,
            description = "A run's folder, or a checkpoint folder (norma import makes them).")
    private Path model;

    @Option(names = "--checkpoint", paramLabel = "STEP", description = "Of a run; by default its last one.")
    private Long checkpoint;

    @Option(
            names = "--ablate",
            paramLabel = "DIMS",
            description = {
                "Dimensions to switch off: a list such as 308,381; auto, the outliers by the paper's rule; top:K, the K",
                "most extreme ones. Without it the whole model alone is shown."
            })
    private String ablate;

    @Option(names = "--top", paramLabel = "N", description = "Tokens listed for a blank; default ${DEFAULT-VALUE}.")
    private int top = 5;

    @Option(
            names = "--every-token",
            description = "Also predict every token of the texts anew, none masked but their blanks, if any.")
    private boolean everyToken;

    @Option(names = "--seed", description = "Of the random dimensions; default ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--device", description = "cpu (the default), gpu or gpu:N.")
    private String device = "cpu";

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        ModelSource source = ModelSource.of(model);
        ProbedCheckpoint probed = checkpoint == null ? source.last() : source.at(checkpoint);
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("command", output.commandLine());
        result.put("model", probed.folder().toString());
        probed.step().ifPresentOrElse(step -> result.put("step", step), () -> result.putNull("step"));
        result.put("seed", seed);
        try (Tokenizer tokenizer = probed.tokenizer();
                PretrainedBert bert = PretrainedBert.open(probed.folder(), Devices.parse(device))) {
            AblationContrast contrast = AblationContrast.NONE;
            if (ablate != null) {
                contrast = AblationContrast.of(bert, ablate, "--ablate", 1, seed);
                if (contrast.ablated().isEmpty()) {
                    output.warn(probed.folder() + " has no outlier dimension by the paper's rule;"
                            + " the whole model alone is shown");
                }
            }
            BlankFilling filling = new BlankFilling(bert, tokenizer, contrast, top, everyToken);
            List<FilledText> filled = new ArrayList<>();
            texts.forEach(text -> filled.add(filling.fill(text)));
            result.setAll(FillJson.of(contrast, filled));
            output.result(result, FillText.of(contrast, filled));
        }
        return ExitCode.DONE;
    }
}
