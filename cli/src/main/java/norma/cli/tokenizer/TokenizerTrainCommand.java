package norma.cli.tokenizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.datasets.config.DataConfig;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.Documents;
import norma.datasets.tokenizer.AlphabetCoverage;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.datasets.tokenizer.TokenizerTraining;
import norma.datasets.tokenizer.TrainedTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a vocabulary and writes a tokenizer.json. */
@Command(
        name = "train",
        description = {
            "Trains a WordPiece or byte-level BPE tokenizer.",
            "It is written as Hugging Face's tokenizer.json."
        },
        footer = {
            "  norma tokenizer train --out tokenizer.json",
            "  norma tokenizer train --data my/books --vocab-size 16384 --out books.json",
            "  norma tokenizer train --data my/books --type bpe --out books.json"
        })
final class TokenizerTrainCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "PATH",
            arity = "1..*",
            description = "Text files, folders or globs (plain, .gz, .zst); default: the glosses of WordNet that Norma"
                    + " brings along.")
    private List<String> data = List.of();

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "Kind of tokenizer: wordpiece (BERT's, the default) or bpe (byte-level).")
    private String type = "wordpiece";

    @Option(
            names = "--vocab-size",
            paramLabel = "N",
            description = "Number of tokens, special ones included; default: 8192.")
    private int vocabSize = 8192;

    @Option(names = "--cased", description = "Keep upper case and accents (WordPiece).")
    private boolean cased;

    @Option(
            names = "--limit-alphabet",
            paramLabel = "N",
            description =
                    "Number of characters that WordPiece starts from, the most frequent ones; a word with any other"
                            + " becomes [UNK]. Default: 1000.")
    private Integer limitAlphabet;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The tokenizer.json to write.")
    private Path out;

    @Option(names = "--force", description = "Replace FILE.")
    private boolean force;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        if (!type.equals("wordpiece") && !type.equals("bpe")) {
            throw InvalidInputException.of("command line", "--type", type, "wordpiece or bpe");
        }
        if (Files.exists(out) && !force) {
            throw new AlreadyExistsException(out, "exists already", "a new file");
        }
        Path parent = out.toAbsolutePath().getParent();
        if (!Files.isDirectory(parent)) {
            throw new InvalidInputException(out + ": its folder " + parent + " does not exist, expected one that does");
        }
        TokenizerConfig config = new TokenizerConfig(type, vocabSize, !cased, null, limitAlphabet);
        SequenceFormat sequences = type.equals("bpe") ? SequenceFormat.ROBERTA : SequenceFormat.BERT;
        Corpus corpus = dataConfig().toCorpus();
        try (ProgressDisplay progress = output.progress();
                Documents documents = corpus.open()) {
            TrainedTokenizer trained = TokenizerTraining.train(config, sequences, documents, progress);
            progress.finish();
            write(trained, config);
        }
        return ExitCode.DONE;
    }

    private void write(TrainedTokenizer trained, TokenizerConfig config) {
        AlphabetCoverage coverage = trained.coverage();
        try (Tokenizer tokenizer = trained.tokenizer()) {
            tokenizer.save(out);
            if (coverage.isLimited()) {
                output.warn(coverage.toString());
            }
            trained.shortage(config).ifPresent(output::say);
            output.print("Wrote " + Counted.of(tokenizer.vocabularySize(), "token") + " to " + out);
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            result.put("tokenizer", out.toString());
            result.put("vocabulary_size", tokenizer.vocabularySize());
            result.put("sha256", tokenizer.sha256());
            if (coverage.characters() > 0) {
                ObjectNode alphabet = result.putObject("alphabet");
                alphabet.put("characters", coverage.characters());
                alphabet.put("kept", coverage.kept());
                alphabet.put("running_words", coverage.words());
                alphabet.put("unknown_words", coverage.unknownWords());
                alphabet.put("unknown_share", coverage.unknownShare());
            }
            output.result(result);
        }
    }

    private DataConfig dataConfig() {
        String corpus = data.isEmpty() ? "wordnet" : "text";
        return new DataConfig(corpus, data, null, null, null, null, null, null, null, null);
    }
}
