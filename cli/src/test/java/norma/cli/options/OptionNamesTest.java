package norma.cli.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.ReplacedFolder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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
        AlreadyExistsException there = new AlreadyExistsException(Path.of("runs/a"), "exists", "a new run");
        assertThat(message(there, "--run", "--force"))
                .isEqualTo("runs/a: exists, expected a new run (another --run name, or --force to replace it)");
        assertThat(message(there, "--force")).isEqualTo("runs/a: exists, expected a new run (--force to replace it)");
        assertThat(message(there)).isEqualTo("runs/a: exists, expected a new run");
        assertThat(message(InvalidInputException.of("runs/a", ReplacedFolder.REPLACE, "no run", "a run"), "--force"))
                .isEqualTo("runs/a: --force: found no run, expected a run");
    }
}
