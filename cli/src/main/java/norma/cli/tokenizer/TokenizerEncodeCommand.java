package norma.cli.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.tokenizer.PublishedTokenizer;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerChoices;
import norma.datasets.tokenizer.TokenizerFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the tokens of texts. */
@Command(
        name = "encode",
        description = {
            "Prints the tokens of texts and their ids.",
            "A text's tokens are in one line, and below each is its id; a blank line ends every text but the last. With --json there is an object for each text, with text, ids and tokens."
        },
        footer = {
            "  norma tokenizer encode --tokenizer tokenizer.json \"a text\"",
            "  norma tokenizer encode --tokenizer tokenizer.json --json < a.txt > a.json"
        })
final class TokenizerEncodeCommand implements Callable<Integer> {
    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            required = true,
            description = "A tokenizer.json, or BERT's vocab.txt, with the settings in the same folder"
                    + " (tokenizer_config.json and others). A vocab.txt without settings is read as uncased.")
    private Path file;

    @Option(
            names = "--ignore-tokenizer-settings",
            description = "Read the vocabulary as BERT's even if its settings ask for a tokenizer that Norma does not"
                    + " have, such as MeCab's: for text that is cut into words already.")
    private boolean ignoreTokenizerSettings;

    @Parameters(
            paramLabel = "TEXT",
            arity = "0..*",
            description = "Texts to encode; default: the lines of standard input.")
    private List<String> texts = List.of();

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        TokenizerChoices choices = TokenizerChoices.NONE.ignoringSettings(ignoreTokenizerSettings);
        PublishedTokenizer published = PublishedTokenizer.read(TokenizerFiles.of(file), choices);
        try (Tokenizer tokenizer = published.tokenizer()) {
            published.decisions().forEach(decision -> output.say("Tokenizer: " + decision));
            List<String> lines = texts.isEmpty() ? standardInput() : texts;
            List<int[]> encoded = tokenizer.encode(lines);
            ArrayNode result = JsonNodeFactory.instance.arrayNode();
            for (int i = 0; i < lines.size(); i++) {
                ObjectNode entry = result.addObject().put("text", lines.get(i));
                ArrayNode ids = entry.putArray("ids");
                ArrayNode tokens = entry.putArray("tokens");
                for (int id : encoded.get(i)) {
                    ids.add(id);
                    tokens.add(tokenizer.token(id));
                }
            }
            output.result(
                    result, encoded.stream().map(ids -> table(tokenizer, ids)).collect(Collectors.joining("\n\n")));
        }
        return ExitCode.DONE;
    }

    /** Tokens, and below each its id. */
    private static String table(Tokenizer tokenizer, int[] ids) {
        if (ids.length == 0) {
            return "no token";
        }
        StringBuilder tokens = new StringBuilder();
        StringBuilder numbers = new StringBuilder();
        for (int id : ids) {
            String token = Quoted.escaped(tokenizer.token(id)); // as the terminal shows it
            String number = Integer.toString(id);
            int width = 2 + Math.max(width(token), number.length());
            tokens.append(token).append(" ".repeat(width - width(token)));
            numbers.append(number).append(" ".repeat(width - number.length()));
        }
        return tokens.toString().stripTrailing() + "\n" + numbers.toString().stripTrailing();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    private static List<String> standardInput() throws IOException {
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8.newDecoder()));
        try {
            return reader.lines().toList();
        } catch (java.io.UncheckedIOException e) {
            if (e.getCause() instanceof CharacterCodingException) {
                throw new InvalidInputException("standard input: not valid UTF-8, expected text", e);
            }
            throw e;
        }
    }
}
