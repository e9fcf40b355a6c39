package norma.datasets.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class QuotedTest {
    @Test
    void twoMillionDigits_areCutToTwoHundred_andCounted() {
        String message = InvalidInputException.of("a.yaml, line 1", "seed", "9".repeat(2_000_000), "a whole number")
                .getMessage();

        assertThat(message)
                .isEqualTo("a.yaml, line 1: seed: found " + "9".repeat(200)
                        + "\u2026 (2000000 characters), expected a whole number");
    }

    @Test
    void escapesOfTerminals_lineEnds_andMarksOfDirection_areSpeltOut() {
        assertThat(Quoted.of("a\u001b]0;title\u0007\n\u202eb\u009bc\ud800"))
                .isEqualTo("a\\u001b]0;title\\u0007\\n\\u202eb\\u009bc\\ud800");
    }

    @Test
    void aMessageThatHoldsThem_isSpeltOutToo() {
        assertThat(new InvalidInputException("run\u001b[2J: exists").getMessage())
                .isEqualTo("run\\u001b[2J: exists");
        assertThat(InvalidInputException.of("a\u001bb", "k\u001by", 1, "2").getMessage())
                .isEqualTo("a\\u001bb: k\\u001by: found 1, expected 2");
    }

    @Test
    void textOfOtherScripts_staysAsItIs() {
        assertThat(Quoted.of("\u00fc \u6f22 \ud83d\ude00")).isEqualTo("\u00fc \u6f22 \ud83d\ude00");
    }

    @Test
    void aPairOfSurrogates_isNotCutInTwo() {
        assertThat(Quoted.of("x".repeat(199) + "\ud83d\ude00")).isEqualTo("x".repeat(199) + "\u2026 (201 characters)");
    }

    @Test
    void excerptsAndLists_stayShort_andSayWhatTheyLeaveOut() {
        assertThat(Quoted.excerpt("short")).isEqualTo("\"short\"");
        assertThat(Quoted.excerpt("x".repeat(59) + "\ud83d\ude00")).isEqualTo("\"" + "x".repeat(59) + "\u2026\"");
        assertThat(Quoted.list(List.of("a", "b"))).isEqualTo("a, b");
        assertThat(Quoted.list(Collections.nCopies(1000, "0123456789")))
                .isEqualTo(String.join(", ", Collections.nCopies(16, "0123456789")) + ", \u2026 (1000 in all)");
        assertThat(Quoted.list(List.of("y".repeat(100_000)))).isEqualTo("y".repeat(60) + "\u2026");
    }
}
