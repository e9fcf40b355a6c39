package norma.datasets.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class WordNetCorpusTest {
    @Test
    void gloss_becomesSentences() {
        assertThat(WordNetCorpus.sentences("a tangible entity; an entity; \"it was full of rackets\"; \"is it?\"  "))
                .containsExactly("A tangible entity; an entity.", "It was full of rackets.", "Is it?");
        assertThat(WordNetCorpus.sentences("(of color) dull; \"a line\"- Shakespeare"))
                .containsExactly("(of color) dull.", "A line.");
        assertThat(WordNetCorpus.sentences("irately; \"`Get out,' he shouted irately\""))
                .containsExactly("Irately.", "`Get out,' he shouted irately.");
    }

    @Test
    void corpus_hasTheSynsetsAndExamplesOfWordNet31() {
        List<String> documents = TextCorpusTest.read(new WordNetCorpus());
        assertThat(documents).hasSize(117_791);
        assertThat(documents.get(0))
                .isEqualTo("That which is perceived or known or inferred to have its own distinct existence"
                        + " (living or nonliving).");
        assertThat(documents.stream()
                        .filter(d -> d.contains("LICENSEE") || d.contains(" | "))
                        .toList())
                .isEmpty();
        long characters = documents.stream().mapToLong(String::length).sum();
        System.out.printf("%,d documents, %,d characters%n", documents.size(), characters);
        assertThat(characters).isBetween(8_000_000L, 9_000_000L);
    }
}
