package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import norma.cli.options.CheckpointOptions;
import norma.cli.options.EvaluationOptions;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.probes.fill.TextFilling;
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
            "Fills the blanks of texts with probable tokens, or continues them.",
            "A model that predicts the next token continues texts; one whose decoder says the whole text (BART) writes as many tokens into a blank as belong there, the likeliest each time, until it comes to the token after the blank. With --dims, side by side: the whole model, the model without those dimensions (weight and bias of every layer's output component set to 0), and without as many random ones. Probabilities are shares of the whole vocabulary."
        },
        footer = {
            "  norma fill models/bert-base-uncased \"Paris is the [MASK] of France.\"",
            "  norma fill models/bert-base-uncased \"A [MASK] of tea.\" --dims 308,381",
            "  norma fill runs/gpt2-tiny \"a kind of\" --top-k 20 --seed 7"
        })
public final class FillCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MODEL", description = CheckpointOptions.MODEL)
    private Path model;

    @Parameters(
            index = "1..*",
            paramLabel = "TEXT",
            arity = "1..*",
            description = "Texts, with [MASK] (or the tokenizer's own mask token) where a word is missing; or as they"
                    + " are, to be continued.")
    private List<String> texts;

    @Mixin
    private CheckpointOptions checkpoint;

    @Mixin
    private ContrastOptions contrastOptions;

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "Number of tokens listed for a blank, or for what comes next; default: ${DEFAULT-VALUE}.")
    private int top = 5;

    @Option(
            names = "--every-token",
            description = "Predict every token of the texts as well, masking nothing but their blanks, if any.")
    private boolean everyToken;

    @Option(
            names = "--length",
            paramLabel = "N",
            description =
                    "Largest number of tokens that continue a text, or that a decoder writes into a blank; default:"
                            + " 20.")
    private Integer length;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Number of most probable tokens from which each one of a continuation is drawn; default: 1.")
    private Integer topK;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        contrastOptions.requireEffect(null, topK != null);
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
            TextFilling.Filled filled = TextFilling.of(
                            bert,
                            tokenizer,
                            contrast,
                            new TextFilling.Wish(top, everyToken, length, topK, contrastOptions.seed()))
                    .fill(texts);
            result.setAll(filled.json());
            output.result(result, filled.text());
        }
        return ExitCode.DONE;
    }
}
