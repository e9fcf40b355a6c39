package norma.datasets.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class SentenceRuleTest {
    private static List<String> punctuated(String document) {
        return SentenceRule.PUNCTUATION.sentences(document).stream()
                .map(String::strip)
                .toList();
    }

    @Test
    void capitalisedText_isCutAsJavaCutsEnglish() {
        assertThat(SentenceRule.PUNCTUATION.sentences(" He ate.  (It was 3.5 m.) \"Go!\" He left. "))
                .containsExactly("He ate.", " (It was 3.5 m.)", " \"Go!\"", " He left.");
        assertThat(punctuated("They met at 5 p.m. on Monday. Nobody came.")).hasSize(2);
    }

    @Test
    void lowerCasedText_isCutWhereItsCapitalisedOriginalIs() {
        for (String original : List.of(
                "The red apple eats. A dog sleeps! Why? \"Because it can.\" (So it does.) The end",
                "It cost 3.5 million. Nobody, e.g. the baker, paid at 5 p.m. sharp. He was no. 5 in line.",
                "The well ran dry... again. They dug on. So did I. Water came.")) {
            List<String> expected = punctuated(original).stream()
                    .map(sentence -> sentence.toLowerCase(Locale.ROOT))
                    .toList();
            assertThat(punctuated(original.toLowerCase(Locale.ROOT))).isEqualTo(expected);
        }
        assertThat(punctuated("mr. smith met dr. j. r. jones of acme corp. in the u.s. senate. they spoke."))
                .containsExactly("mr. smith met dr. j. r. jones of acme corp. in the u.s. senate.", "they spoke.");
        assertThat(punctuated("i said no. she left for paris. it rained.")).hasSize(3); // the name is no beginning
    }

    /** Java's rule cuts no sentence before a digit either, and glosses begin with a bracket or a capital. */
    @Test
    void glossesOfWordNet_areCutAsJavaCutsThem() {
        assertThat(punctuated("(numeration system) the next higher counting place. 10 is the radix."))
                .hasSize(1);
        assertThat(punctuated("it happened in section no. 5 of the book. 10 is the radix."))
                .hasSize(1);
        assertThat(punctuated("(used of verbs (e.g. `to run') and participles)"))
                .hasSize(2);
    }

    @Test
    void blankLines_endSentences_lineEndsDoNot() {
        assertThat(punctuated("A heading\n\nThe text goes\non here. It ends."))
                .containsExactly("A heading", "The text goes\non here.", "It ends.");
        assertThat(punctuated("a heading\r\n \t\r\nthe text. it ends.")).hasSize(3);
    }

    @Test
    void textWithoutPunctuation_isOneSentence() {
        assertThat(punctuated("the red apple eats a dog sleeps")).hasSize(1);
        assertThat(punctuated("The red apple eats A dog sleeps")).hasSize(1);
    }

    @Test
    void lines_areSentencesWhateverStandsInThem() {
        assertThat(SentenceRule.LINES.sentences("The Dr. came. He left.\n\n  the next \nlast"))
                .containsExactly("The Dr. came. He left.", " the next", " last");
    }
}
