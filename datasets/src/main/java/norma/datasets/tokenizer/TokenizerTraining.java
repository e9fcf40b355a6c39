package norma.datasets.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;

/**
 * Trains vocabularies: WordPiece by merging pairs, as Hugging Face's WordPieceTrainer does, and byte-level BPE. The
 * same texts give the same bytes.
 */
public final class TokenizerTraining {
    private static final Comparator<String> BY_CODE_POINT = Comparator.comparingInt(c -> c.codePointAt(0));
    private static final long MINIMUM_PAIR_COUNT = 2;
    private static final int MAX_WORD_CHARACTERS = 100; // BERT's; longer words become [UNK] anyway
    private static final String CONTINUATION = "##";
    private static final long REPORT_EVERY = 10_000;

    private TokenizerTraining() {}

    /**
     * Trains a tokenizer.
     *
     * @param config its type ({@code wordpiece} or {@code bpe}), size, case and alphabet
     * @param format of the sequences that Hugging Face's library shall make with it
     * @param texts read once, one after the other
     * @throws InvalidInputException if there is no text, the size has no room for the alphabet, or the type does not go
     *     with the format
     */
    public static TrainedTokenizer train(
            TokenizerConfig config, SequenceFormat format, Iterator<String> texts, Progress progress) {
        config.requireFits(format);
        boolean wordPiece = config.type().equals("wordpiece");
        Map<String, Long> counts = wordPiece
                ? count(texts, new BertText(config.lowercase())::words, progress)
                : count(texts, ByteLevelText::words, progress);
        if (counts.isEmpty()) {
            throw new InvalidInputException("tokenizer: the corpus has no word to train a vocabulary on");
        }
        progress.update("training vocabulary", 0, config.vocabSize(), "tokens");
        List<String> characters = wordPiece ? charactersByFrequency(counts) : List.of();
        Set<String> kept = new TreeSet<>(
                characters.subList(0, wordPiece ? Math.min(config.limitAlphabet(), characters.size()) : 0));
        String json = wordPiece ? wordPiece(config, format, counts, kept) : byteLevelBpe(config, format, counts);
        Tokenizer trained = Tokenizer.fromJson(json, "trained tokenizer");
        int size = trained.vocabularySize(); // less than was asked for where the text gives no more
        progress.update("training vocabulary", size, size, "tokens");
        return new TrainedTokenizer(trained, coverage(counts, characters.size(), kept));
    }

    /** Nothing is left out of an alphabet that has every character, as byte-level BPE's does. */
    private static AlphabetCoverage coverage(Map<String, Long> counts, int characters, Set<String> kept) {
        long words = 0;
        long unknown = 0;
        for (Map.Entry<String, Long> word : counts.entrySet()) {
            words += word.getValue();
            boolean spelled = kept.size() == characters
                    || word.getKey().codePoints().mapToObj(Character::toString).allMatch(kept::contains);
            unknown += spelled ? 0 : word.getValue();
        }
        return new AlphabetCoverage(characters, kept.size(), words, unknown);
    }

    private static Map<String, Long> count(
            Iterator<String> texts, BiConsumer<String, java.util.function.Consumer<String>> words, Progress progress) {
        Map<String, long[]> counts = new HashMap<>();
        long done = 0;
        while (texts.hasNext()) {
            words.accept(texts.next(), word -> counts.computeIfAbsent(word, w -> new long[1])[0]++);
            if (++done % REPORT_EVERY == 0) {
                progress.update("counting words", done, -1, "documents");
            }
        }
        Map<String, Long> sorted = new TreeMap<>(); // a total order, so that training does not depend on hashing
        counts.forEach((word, count) -> sorted.put(word, count[0]));
        return sorted;
    }

    private static String wordPiece(
            TokenizerConfig config, SequenceFormat format, Map<String, Long> counts, Set<String> characters) {
        List<String> alphabet = new ArrayList<>(TokenizerJson.BERT);
        Map<String, Integer> ids = new HashMap<>();
        for (String character : characters.stream().sorted(BY_CODE_POINT).toList()) {
            for (String symbol : List.of(character, CONTINUATION + character)) {
                ids.put(symbol, alphabet.size());
                alphabet.add(symbol);
            }
        }
        requireRoom(config, alphabet.size());
        PairMerges merges = merges(alphabet, counts, word -> wordPieces(word, ids));
        merges.grow(config.vocabSize(), MINIMUM_PAIR_COUNT, CONTINUATION);
        return TokenizerJson.wordPiece(merges.symbols(), config.lowercase(), format);
    }

    private static String byteLevelBpe(TokenizerConfig config, SequenceFormat format, Map<String, Long> counts) {
        List<String> alphabet = new ArrayList<>(TokenizerJson.ofByteLevel(format));
        Map<String, Integer> ids = new HashMap<>();
        for (int b = 0; b < 256; b++) {
            String symbol = String.valueOf(ByteLevelText.spelling(b));
            ids.put(symbol, alphabet.size());
            alphabet.add(symbol);
        }
        requireRoom(config, alphabet.size());
        PairMerges merges = merges(alphabet, counts, word -> word.chars()
                .map(c -> ids.get(String.valueOf((char) c)))
                .toArray());
        merges.grow(config.vocabSize(), MINIMUM_PAIR_COUNT, "");
        return TokenizerJson.byteLevelBpe(merges.symbols(), merges.merges(), format);
    }

    private interface Speller {
        /** A word as ids of the alphabet; empty if it cannot be spelled. */
        int[] spell(String word);
    }

    private static PairMerges merges(List<String> alphabet, Map<String, Long> counts, Speller speller) {
        List<int[]> words = new ArrayList<>(counts.size());
        List<Long> wordCounts = new ArrayList<>(counts.size());
        counts.forEach((word, count) -> {
            int[] spelled = speller.spell(word);
            if (spelled.length > 0) {
                words.add(spelled);
                wordCounts.add(count);
            }
        });
        return new PairMerges(
                alphabet,
                words.toArray(int[][]::new),
                wordCounts.stream().mapToLong(Long::longValue).toArray());
    }

    private static int[] wordPieces(String word, Map<String, Integer> ids) {
        int[] characters = word.codePoints().toArray();
        if (characters.length > MAX_WORD_CHARACTERS) {
            return new int[0];
        }
        int[] pieces = new int[characters.length];
        for (int i = 0; i < pieces.length; i++) {
            String character = Character.toString(characters[i]);
            Integer id = ids.get(i == 0 ? character : CONTINUATION + character);
            if (id == null) {
                return new int[0]; // a rare character, which the encoder gives [UNK] for
            }
            pieces[i] = id;
        }
        return pieces;
    }

    /** All characters, the most frequent first, equally frequent ones in code-point order. */
    private static List<String> charactersByFrequency(Map<String, Long> counts) {
        Map<Integer, Long> characters = new TreeMap<>();
        counts.forEach((word, count) -> word.codePoints().forEach(c -> characters.merge(c, count, Long::sum)));
        return characters.entrySet().stream()
                .sorted(Map.Entry.<Integer, Long>comparingByValue(Comparator.reverseOrder()))
                .map(entry -> Character.toString(entry.getKey()))
                .toList();
    }

    private static void requireRoom(TokenizerConfig config, int alphabet) {
        if (config.vocabSize() < alphabet) {
            throw InvalidInputException.of(
                    "tokenizer",
                    "vocab_size",
                    config.vocabSize(),
                    "at least " + alphabet + ", the special tokens and the characters of the corpus"
                            + (config.limitAlphabet() == null
                                    ? ""
                                    : ", twice each (limit_alphabet " + config.limitAlphabet() + " bounds them)"));
        }
    }
}
