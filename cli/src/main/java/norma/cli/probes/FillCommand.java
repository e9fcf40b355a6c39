package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import norma.cli.options.CheckpointOptions;
import norma.cli.options.EvaluationOptions;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.probes.fill.BlankFilling;
import norma.probes.fill.FillJson;
import norma.probes.fill.FillText;
import norma.probes.fill.FilledText;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.pretrained.PretrainedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a model writes into blanks. */
@Command(
        name = "fill",
        description = {
            "Fills the blanks of texts with a model's most probable tokens.",
            "With --ablate, side by side: the whole model, the model without those dimensions (weight and"
                    + " bias of every layer's output LayerNorm set to 0), and without as many random ones."
                    + " Probabilities are shares of the whole vocabulary."
        })
public final class FillCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "TEXT",
            arity = "1..*",
            description = "Texts, with [MASK] (or the tokenizer's own mask token) where a word is missing.")
    private List<String> texts;

    @Option(names = "--model", paramLabel = "MODEL", required = true, description = CheckpointOptions.MODEL)
    private Path model;

    @Mixin
    private CheckpointOptions checkpoint;

    @Mixin
    private ContrastOptions contrastOptions;

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "Number of tokens listed for a blank; default: ${DEFAULT-VALUE}.")
    private int top = 5;

    @Option(
            names = "--every-token",
            description = "Predict every token of the texts as well, masking nothing but their blanks, if any.")
    private boolean everyToken;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        contrastOptions.requireEffect(null);
        ModelSource source = ModelSource.of(model, output::warn);
        ProbedCheckpoint probed = checkpoint.of(source);
        ObjectNode result = CheckpointOptions.result(output, probed);
        contrastOptions.describe(result);
        try (ProgressDisplay progress = output.progress();
                Tokenizer tokenizer = probed.tokenizer();
                PretrainedModel bert = checkpoint.open(probed)) {
            AblationContrast contrast =
                    contrastOptions.of(bert, EvaluationOptions.costsOf(bert, source, progress), 1, output);
            progress.finish();
            BlankFilling filling = new BlankFilling(bert, tokenizer, contrast, top, everyToken);
            List<FilledText> filled = new ArrayList<>();
            texts.forEach(text -> filled.add(filling.fill(text)));
            result.setAll(FillJson.of(contrast, filled));
            output.result(result, FillText.of(contrast, filled));
        }
        return ExitCode.DONE;
    }
}
