package norma.cli.imports;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import norma.cli.options.WholeNumber;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.InvalidInputException;
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
            "Makes a checkpoint folder in Hugging Face's layout of a published BERT: a Hugging Face folder (safetensors), a",
            "TensorFlow checkpoint or SavedModel, an ONNX encoder; as a folder, one of its files, a zip or a jar."
        })
public final class ImportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SOURCE", description = "What to import; it is only read.")
    private Path source;

    @Option(names = "--to", paramLabel = "FOLDER", required = true, description = "The checkpoint folder to make.")
    private Path target;

    @Option(
            names = "--heads",
            description = "Attention heads, where the source does not say; default hidden_size / 64, needed for ONNX.")
    private Integer heads;

    @Option(names = "--cased", description = "The vocabulary distinguishes upper case; else told by names and tokens.")
    private boolean cased;

    @Option(names = "--uncased", description = "Text is lower-cased before it is tokenised.")
    private boolean uncased;

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
        ImportOptions.Casing casing = cased
                ? ImportOptions.Casing.CASED
                : uncased ? ImportOptions.Casing.UNCASED : ImportOptions.Casing.FROM_SOURCE;
        output.say("Reading " + source + "…");
        ObjectNode result =
                ModelImport.run(source, target, new ImportOptions(heads == null ? 0 : heads, casing), force);
        result.put("folder", target.toString());
        output.say(String.format(
                java.util.Locale.ROOT,
                "%s, %s: %,d parameters in %d tensors, written to %s",
                result.get("kind").asText(),
                result.get("architecture").asText(),
                result.get("parameters").asLong(),
                result.get("tensors").asInt(),
                target));
        result.get("left_out").forEach(sentence -> output.warn(sentence.asText()));
        result.get("assumed").forEach(sentence -> output.say("Assumed: " + sentence.asText()));
        output.result(result);
        return ExitCode.DONE;
    }
}
