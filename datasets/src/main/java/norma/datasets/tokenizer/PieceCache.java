package norma.datasets.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Remembers the ids of short pieces of text. Hugging Face's library, which gives them, takes microseconds for a word
 * and looks at each word by itself, so for two kinds of tokenizer a text's ids are those of its pieces one after the
 * other:
 *
 * <ul>
 *   <li>BERT's WordPiece: pieces between blanks, tabs and line ends, which have no ids themselves, and ASCII
 *       punctuation by itself, except where an added token such as {@code [MASK]} has it. The normaliser changes
 *       characters one by one, and beyond that only orders marks that follow each other, which these cuts leave
 *       together.
 *   <li>byte-level BPE with GPT-2's pattern: pieces that begin at a blank behind a visible ASCII character, where the
 *       pattern always cuts too, because it takes at most one blank before a word and none inside.
 * </ul>
 *
 * <p>Safe from many threads.
 */
final class PieceCache {
    static final int LONGEST = 32; // characters of a piece that is remembered
    private static final int MOST = 1 << 18; // pieces, about 30 MB; frequent ones come first

    private final Map<String, int[]> known = new ConcurrentHashMap<>();
    private final boolean byteLevel;
    private final BitSet alone; // punctuation that is a piece by itself

    private PieceCache(boolean byteLevel, BitSet alone) {
        this.byteLevel = byteLevel;
        this.alone = alone;
    }

    /** For a {@code tokenizer.json}; empty if it is of neither kind. */
    static Optional<PieceCache> of(JsonNode root) {
        String model = root.at("/model/type").asText();
        String words = root.at("/pre_tokenizer/type").asText();
        if (model.equals("WordPiece")
                && words.equals("BertPreTokenizer")
                && root.at("/normalizer/type").asText().equals("BertNormalizer")
                && addedTokensStayInPieces(root, true)) {
            return Optional.of(new PieceCache(false, punctuationOutsideAddedTokens(root)));
        }
        if (model.equals("BPE")
                && words.equals("ByteLevel")
                && root.at("/pre_tokenizer/use_regex").asBoolean(true)
                && !root.at("/pre_tokenizer/add_prefix_space").asBoolean(true)
                && root.path("normalizer").isNull()
                && root.at("/model/dropout").asDouble(0) == 0
                && addedTokensStayInPieces(root, false)) {
            return Optional.of(new PieceCache(true, new BitSet()));
        }
        return Optional.empty();
    }

    /** Whether no added token has a blank in it or, where blanks count, takes those behind it. */
    private static boolean addedTokensStayInPieces(JsonNode root, boolean takesBlanks) {
        for (JsonNode token : root.path("added_tokens")) {
            if (!token.path("content").asText().chars().allMatch(PieceCache::isVisibleAscii)
                    || (token.path("rstrip").asBoolean() && !takesBlanks)) {
                return false;
            }
        }
        return true;
    }

    /** The underscore stays where it is: beside an added token it can keep it from being one. */
    private static BitSet punctuationOutsideAddedTokens(JsonNode root) {
        BitSet punctuation = new BitSet();
        for (char c = '!'; c <= '~'; c++) {
            punctuation.set(c, !Character.isLetterOrDigit(c) && c != '_');
        }
        for (JsonNode token : root.path("added_tokens")) {
            token.path("content").asText().chars().forEach(punctuation::clear);
        }
        return punctuation;
    }

    /**
     * Ids of a text.
     *
     * @param text without unpaired surrogates
     * @param encoder gives the ids of a piece that is not known
     */
    int[] encode(String text, Function<String, int[]> encoder) {
        int[] ids = new int[text.length() / 4 + 8];
        int size = 0;
        int start = 0;
        while (start < text.length()) {
            int end = start + 1;
            if (byteLevel || !isBlank(text.charAt(start))) {
                end = pieceEnd(text, start);
                int[] piece = idsOf(text.substring(start, end), encoder);
                if (size + piece.length > ids.length) {
                    ids = Arrays.copyOf(ids, Math.max(2 * ids.length, size + piece.length));
                }
                System.arraycopy(piece, 0, ids, size, piece.length);
                size += piece.length;
            }
            start = end;
        }
        return Arrays.copyOf(ids, size);
    }

    private int pieceEnd(String text, int start) {
        int end = start + 1;
        while (end < text.length() && !isCut(text.charAt(end - 1), text.charAt(end))) {
            end++;
        }
        return end;
    }

    private boolean isCut(char before, char after) {
        return byteLevel
                ? after == ' ' && isVisibleAscii(before)
                : isBlank(after) || alone.get(before) || alone.get(after);
    }

    private int[] idsOf(String piece, Function<String, int[]> encoder) {
        int[] ids = known.get(piece);
        if (ids == null) {
            ids = encoder.apply(piece);
            if (piece.length() <= LONGEST && known.size() < MOST) {
                known.put(piece, ids);
            }
        }
        return ids;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private static boolean isVisibleAscii(int c) {
        return c > ' ' && c < 0x7f;
    }
}
