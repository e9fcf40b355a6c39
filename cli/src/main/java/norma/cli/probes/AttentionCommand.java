package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import norma.cli.options.CheckpointOptions;
import norma.cli.options.EvaluationOptions;
import norma.cli.options.Notation;
import norma.cli.options.WithoutEffect;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.probes.ablation.AblationPlace;
import norma.probes.ablation.KeptScans;
import norma.probes.attention.AttentionFigures;
import norma.probes.attention.AttentionJson;
import norma.probes.attention.AttentionMap;
import norma.probes.attention.AttentionStudy;
import norma.probes.attention.AttentionText;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.files.ProbeFiles;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.figure.Figure;
import norma.trainer.pretrained.PretrainedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where attention heads look. */
@Command(
        name = "attention",
        description = {
            "Measures where each attention head looks.",
            "Reported are every head's entropy and its shares on kinds of tokens: [CLS], [SEP], punctuation and the rest. With --dims, also without those dimensions, and without as many random ones. The text is the masked text on which norma ablate measures the loss."
        },
        footer = {
            "  norma attention runs/quickstart --dims top:2",
            "  norma attention runs/quickstart --text \"a kind of tree\" --head 1.0",
            "  norma attention models/bert-base-uncased --eval wordnet --eval-rows 8"
        })
public final class AttentionCommand implements Callable<Integer> {
    private static final int ROWS = 32;
    private static final int DRAWS = 3;

    @Parameters(paramLabel = "MODEL", description = CheckpointOptions.MODEL)
    private Path model;

    @Mixin
    private CheckpointOptions checkpoint;

    @Mixin
    private EvaluationOptions evaluationOptions;

    @Mixin
    private ContrastOptions contrastOptions;

    @Option(names = "--draws", paramLabel = "N", description = "Number of draws of random dimensions; default: 3.")
    private Integer draws;

    @Option(
            names = "--text",
            paramLabel = "TEXT",
            description = "Text of at most 48 tokens, whose attention map is drawn as well.")
    private String text;

    @Option(
            names = "--head",
            paramLabel = "[KIND:]LAYER.HEAD",
            description = "Head of that map, both numbers from 0; in an encoder-decoder model after encoder: (the"
                    + " default), decoder: or cross:. Default: 0.0.")
    private String head;

    @Mixin
    private ResultOptions results;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        if (draws != null && (draws < 1 || draws > 1000)) {
            throw InvalidInputException.of("command line", "--draws", draws, "1 to 1000");
        }
        if (text == null) {
            WithoutEffect.refuse("--head", head, "--text beside it, whose map has one head");
        }
        results.check(); // before the measuring
        AttentionMap.Head watched = Notation.head(head == null ? "0.0" : head);
        contrastOptions.requireEffect(draws, false);
        ModelSource source = ModelSource.of(model, output::warn);
        ProbedCheckpoint probed = checkpoint.of(source);
        Path folder =
                text == null ? results.folder(source.probesFolder()) : results.require(source, "the map of --text");
        ObjectNode result = CheckpointOptions.result(output, probed);
        contrastOptions.describe(result);
        try (ProgressDisplay progress = output.progress();
                Tokenizer tokenizer = probed.tokenizer();
                PretrainedModel bert = checkpoint.open(probed)) {
            AblationContrast contrast = contrastOptions.of(
                    bert,
                    () -> new KeptScans(folder)
                            .costs(bert, evaluationOptions.prepare(source, progress), AblationPlace.PAPER, progress)
                            .byDimension(),
                    draws == null ? DRAWS : draws,
                    output);
            AttentionMap map = text == null ? null : AttentionMap.of(bert, tokenizer, contrast, text, watched);
            LanguageModelEvaluation evaluation = evaluationOptions.prepare(source, progress, ROWS, Integer.MAX_VALUE);
            evaluation.requireReads(bert);
            AttentionStudy study = AttentionStudy.of(bert, tokenizer, evaluation.read(), contrast, progress);
            progress.finish();
            result.set("evaluation", evaluation.describe());
            result.setAll(AttentionJson.of(study));
            output.print(AttentionText.of(study));
            if (folder != null) {
                write(folder, result, study, evaluation, map);
                output.say("Written to " + folder);
            }
        }
        output.result(result);
        return ExitCode.DONE;
    }

    private void write(
            Path folder, ObjectNode result, AttentionStudy study, LanguageModelEvaluation evaluation, AttentionMap map)
            throws IOException {
        String name = results.claim(folder, ProbeFiles.ATTENTION, result, output);
        ResultOptions.write(folder, name, result);
        AttentionFigures.write(folder, name, study, evaluation.words(), results.width());
        if (map != null) {
            map.figure().write(folder, ProbeFiles.mapOf(name), results.width());
        } else {
            Figure.delete(folder, ProbeFiles.mapOf(name));
        }
    }
}
