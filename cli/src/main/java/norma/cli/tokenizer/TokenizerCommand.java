package norma.cli.tokenizer;

import picocli.CommandLine.Command;

/** Groups what can be done with tokenizers. */
@Command(
        name = "tokenizer",
        subcommands = {TokenizerTrainCommand.class, TokenizerEncodeCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        description = "Trains a tokenizer, or encodes text with one.")
public final class TokenizerCommand {}
