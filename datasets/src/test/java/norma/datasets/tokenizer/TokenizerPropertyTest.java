package norma.datasets.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

@Tag("unit")
class TokenizerPropertyTest {
    private static final Tokenizer TOKENIZER = TokenizerTrainingTest.train("wordpiece", 400, true);

    @Property(tries = 2000)
    void anyText_isEncodedByHuggingFaceAsTheGreedyRuleSays(@ForAll String text) {
        int[] known =
                text.codePoints().filter(TokenizerPropertyTest::isKnownToBoth).toArray();
        String defined = new String(known, 0, known.length);
        assertThat(TOKENIZER.encode(List.of(defined)).get(0))
                .containsExactly(TokenizerTrainingTest.greedy(TOKENIZER, true, defined));
    }

    /** Hugging Face's tables are of an older Unicode than Java's: they lack later marks and punctuation. */
    private static boolean isKnownToBoth(int c) {
        return Character.isLetterOrDigit(c) || (Character.isDefined(c) && c < 0x370);
    }
}
