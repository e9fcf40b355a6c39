package norma.cli.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.ReplacedFolder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Messages of the libraries in the words of a command. */
@Tag("unit")
class OptionNamesTest {
    private static String message(InvalidInputException problem, String... options) {
        CommandSpec command = CommandSpec.create();
        for (String option : options) {
            command.addOption(OptionSpec.builder(option).build());
        }
        return new OptionNames(command).of(problem).getMessage();
    }

    /** Of a command with settings that was called so. */
    private static String typed(InvalidInputException problem, String... arguments) {
        CommandSpec command = CommandSpec.create();
        command.addOption(OptionSpec.builder("--set")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .build());
        command.addOption(
                OptionSpec.builder("--precision").type(String.class).arity("1").build());
        new CommandLine(command).parseArgs(arguments);
        return new OptionNames(command).of(problem).getMessage();
    }

    @Test
    void aSettingOfAConfiguration_isShownAsItWasTyped_withItsFullKey() {
        InvalidInputException steps = InvalidInputException.setting("training.steps", 0, "1");
        assertThat(typed(steps, "--set", "seed=3", "--set", "training.steps=0"))
                .isEqualTo("command line: --set training.steps=0: found 0, expected 1");
        assertThat(typed(steps, "--set", "training={steps: 0}"))
                .isEqualTo("command line: --set training={steps: 0}: training.steps: found 0, expected 1");
        assertThat(typed(InvalidInputException.setting("trainign", 0, "1"), "--set", "trainign.steps=0"))
                .isEqualTo("command line: --set trainign.steps=0: trainign: found 0, expected 1");
        assertThat(typed(InvalidInputException.setting("override", "x", "y"), "--set", "x"))
                .isEqualTo("command line: --set: found x, expected y");
        assertThat(typed(InvalidInputException.setting("seed", 0, "1"), "--set", "seed=" + "7".repeat(100)))
                .isEqualTo("command line: --set seed=" + "7".repeat(55) + "\u2026: found 0, expected 1");
        InvalidInputException precision = InvalidInputException.setting("training.precision", "x", "bf16");
        assertThat(typed(precision, "--precision", "x", "--set", "training.precision=bf16"))
                .isEqualTo("command line: --precision: found x, expected bf16");
        assertThat(typed(precision, "--set", "training.precision=x"))
                .isEqualTo("command line: --set training.precision=x: found x, expected bf16");
    }

    @Test
    void aSetting_hasTheNameThatThisCommandGivesIt() {
        InvalidInputException dimensions = InvalidInputException.setting("dimensions", 99, "dimensions from 0 to 15");
        assertThat(message(dimensions, "--dims", "--seed"))
                .isEqualTo("command line: --dims: found 99, expected dimensions from 0 to 15");
        assertThat(message(dimensions, "--dims"))
                .isEqualTo("command line: --dims: found 99, expected dimensions from 0 to 15");
        assertThat(message(InvalidInputException.setting("sequence_length", 9, "8"), "--sequence-length"))
                .isEqualTo("command line: --sequence-length: found 9, expected 8");
        assertThat(message(InvalidInputException.of("record", "every", 0, "1"), "--record-every"))
                .isEqualTo("command line: --record-every: found 0, expected 1");
    }

    @Test
    void aSettingWithoutAnOption_isOfTheCommandLineStill_butAFilesKeyIsTheFiles() {
        assertThat(message(InvalidInputException.setting("training.steps", 0, "1"), "--set"))
                .isEqualTo("command line: training.steps: found 0, expected 1");
        assertThat(message(InvalidInputException.of("record", "every", 0, "1"), "--run"))
                .isEqualTo("record: every: found 0, expected 1");
        assertThat(message(InvalidInputException.of("a.yaml", "device", "x", "cpu"), "--device"))
                .isEqualTo("a.yaml: device: found x, expected cpu");
    }

    @Test
    void pathsOfText_areTheOptionThatTakesThem() {
        InvalidInputException none = InvalidInputException.of("data", "paths", "none.txt", "an existing file");
        assertThat(message(none, "--data", "--out"))
                .isEqualTo("command line: --data: found none.txt, expected an existing file");
        assertThat(message(none, "--data", "--eval"))
                .isEqualTo("command line: --eval: found none.txt, expected an existing file");
        assertThat(message(none, "--set")).isEqualTo("data: paths: found none.txt, expected an existing file");
        assertThat(message(InvalidInputException.of("tokenizer", "vocab_size", 3, "8"), "--vocab-size"))
                .isEqualTo("command line: --vocab-size: found 3, expected 8");
    }

    @Test
    void aSettingInASentence_hasTheNameThatThisCommandGivesIt_orKeepsItsKey() {
        OptionNames names = new OptionNames(CommandSpec.create()
                .addOption(OptionSpec.builder("--kind").build())
                .addOption(OptionSpec.builder("--label-separator").build())
                .addOption(OptionSpec.builder("--cased").build()));
        assertThat(names.of("so each is a class (setting `kind=regression` makes them numbers)"))
                .isEqualTo("so each is a class (--kind regression makes them numbers)");
        assertThat(names.of("setting `label_separator` or setting `heads`"))
                .isEqualTo("--label-separator or setting `heads`");
        assertThat(names.of("setting `casing=cased` or setting `casing=uncased`"))
                .isEqualTo("--cased or setting `casing=uncased`");
        assertThat(names.of("a setting of `kind` $1 \\")).isEqualTo("a setting of `kind` $1 \\");
        assertThat(message(InvalidInputException.of("a.txt", "type", 1, "2 (setting `kind` changes it)"), "--kind"))
                .isEqualTo("a.txt: type: found 1, expected 2 (--kind changes it)");
    }

    @Test
    void whatIsInTheWay_comesWithTheOptionsThatHelp() {
        AlreadyExistsException there = AlreadyExistsException.ofRun(Path.of("runs/a"), true, true);
        assertThat(message(there, "--run", "--force"))
                .isEqualTo("runs/a: a run of this name is there already; norma resume runs/a resumes it, --run NAME"
                        + " gives the new one another name, and --force replaces it");
        assertThat(message(there))
                .isEqualTo("runs/a: a run of this name is there already, expected another name, or to resume that run");
        assertThat(message(AlreadyExistsException.ofRun(Path.of("runs/a"), false, true), "--run", "--force"))
                .isEqualTo("runs/a: a run of this name is there already; --run NAME gives the new one another name,"
                        + " and --force replaces it");
        assertThat(message(AlreadyExistsException.ofRun(Path.of("runs/a"), false, false), "--run", "--force"))
                .isEqualTo("runs/a: something that is not a run is there already; --run NAME gives the new one another"
                        + " name");
        AlreadyExistsException file = new AlreadyExistsException(Path.of("p.tsv"), "exists already", "a new file");
        assertThat(message(file, "--force")).isEqualTo("p.tsv: exists already; --force replaces it");
        assertThat(message(file)).isEqualTo("p.tsv: exists already, expected a new file");
        assertThat(message(InvalidInputException.of("runs/a", ReplacedFolder.REPLACE, "no run", "a run"), "--force"))
                .isEqualTo("runs/a: --force: found no run, expected a run");
    }
}
