package norma.datasets.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import ai.djl.util.Utils;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileProblem;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * A Hugging Face tokenizer. Any special token may be absent ({@link SpecialToken}): who needs one asks for it. Encoding
 * is safe from many threads.
 */
public final class Tokenizer implements AutoCloseable {
    private static final String LINE_BREAK = "\u010a";

    static {
        // DJL reads it when its native library loads: on a machine with a GPU it would fetch another build for it.
        if (Utils.getEnvOrSystemProperty("RUST_FLAVOR") == null) {
            System.setProperty("RUST_FLAVOR", "cpu");
        }
    }

    private final String json;
    private final String source;
    private final OptionalInt longestSequence;
    private final HuggingFaceTokenizer tokenizer;
    private final String[] tokens;
    private final BitSet special = new BitSet();
    private final Optional<PieceCache> pieces;
    private final boolean wordPiece;
    private final boolean metaspace;
    private final Map<SpecialToken, Integer> specialIds = new EnumMap<>(SpecialToken.class);

    /**
     * A tokenizer.
     *
     * @param source names the file in messages
     * @param names of special tokens, where they are known; the others are found by their usual spellings
     * @param longestSequence that it is for, if that is known
     */
    Tokenizer(String json, String source, Map<SpecialToken, String> names, OptionalInt longestSequence) {
        this.json = json;
        this.source = source;
        this.longestSequence = longestSequence;
        JsonNode root = parse(json, source);
        pieces = PieceCache.of(root);
        wordPiece = root.at("/model/type").asText().equals("WordPiece");
        metaspace = root.findValuesAsText("type").contains("Metaspace");
        tokens = tokens(root, source);
        AddedTokens.of(root, source);
        root.path("added_tokens").forEach(token -> {
            if (token.path("special").asBoolean()) {
                special.set(token.get("id").asInt());
            }
        });
        findSpecialTokens(names);
        requireUnknownToken(root, source);
        try {
            tokenizer = HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
                    Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
        } catch (EngineException e) {
            throw e; // the native library does not load: not the file's fault
        } catch (IOException | RuntimeException e) {
            throw new InvalidInputException(source + ": not a tokenizer.json that Hugging Face's library takes", e);
        }
    }

    /**
     * Reads a {@code tokenizer.json}, or a {@code vocab.txt} as an uncased BERT's unless the settings beside it say
     * otherwise.
     *
     * @throws InvalidInputException if the file is missing or not one of them
     */
    public static Tokenizer load(Path file) {
        return load(file, TokenizerChoices.NONE);
    }

    /**
     * The same, where more is known.
     *
     * @see PublishedTokenizer
     */
    public static Tokenizer load(Path file, TokenizerChoices choices) {
        return PublishedTokenizer.read(TokenizerFiles.of(file), choices).tokenizer();
    }

    /** From the text of a {@code tokenizer.json}; {@code source} names it in messages. */
    public static Tokenizer fromJson(String json, String source) {
        return new Tokenizer(json, source, Map.of(), OptionalInt.empty());
    }

    private static JsonNode parse(String json, String source) {
        JsonObject root = JsonFile.parse(json, source);
        root.object("model");
        NativeJson.require(root.node(), source);
        return root.node();
    }

    private static String[] tokens(JsonNode root, String source) {
        List<String> byId = new ArrayList<>();
        JsonNode vocab = root.at("/model/vocab");
        if (vocab.isArray()) { // Unigram: tokens with their scores, in the order of their ids
            vocab.forEach(scored -> byId.add(scored.path(0).asText()));
        } else if (!vocab.isObject()) {
            throw InvalidInputException.of(source, "model.vocab", vocab.getNodeType(), "a vocabulary of token: id");
        }
        vocab.properties().forEach(e -> put(byId, e.getValue().asInt(-1), e.getKey(), source));
        root.path("added_tokens")
                .forEach(
                        t -> put(byId, t.path("id").asInt(-1), t.path("content").asText(), source));
        return byId.toArray(String[]::new);
    }

    private static void put(List<String> byId, int id, String token, String source) {
        if (id < 0 || id > 10_000_000) {
            throw InvalidInputException.of(source, "the id of " + token, id, "a number from 0 to 10,000,000");
        }
        while (byId.size() <= id) {
            byId.add("");
        }
        byId.set(id, token);
    }

    /**
     * By the names that are given, or else the usual ones. BOS and EOS count only if they are given, or the file
     * declares them special, or they are CLS and SEP: in another tokenizer their names may be words.
     */
    private void findSpecialTokens(Map<SpecialToken, String> names) {
        List<String> known = Arrays.asList(tokens);
        for (SpecialToken token : SpecialToken.values()) {
            boolean declared = token == SpecialToken.BOS || token == SpecialToken.EOS;
            String given = names.get(token);
            (given == null ? token.spellings() : List.of(given))
                    .stream()
                            .map(known::indexOf)
                            .filter(id -> id >= 0 && (given != null || !declared || special.get(id)))
                            .findFirst()
                            .ifPresent(id -> {
                                special.set(id);
                                specialIds.put(token, id);
                            });
        }
    }

    /** Hugging Face's library reads a file without this token, and fails at the first unknown word. */
    private void requireUnknownToken(JsonNode root, String source) {
        JsonNode unknown = root.at("/model/unk_token");
        if (unknown.isTextual() && !Arrays.asList(tokens).contains(unknown.asText())) {
            throw InvalidInputException.of(source, "model.unk_token", unknown, "a token of the vocabulary");
        }
    }

    /** The text of the {@code tokenizer.json}. */
    public String json() {
        return json;
    }

    /** SHA-256 of {@link #json()} in UTF-8, as 64 hexadecimal digits. */
    public String sha256() {
        return Hashes.sha256(json);
    }

    /** One more than the largest id. */
    public int vocabularySize() {
        return tokens.length;
    }

    /** Tokens of the longest sequence that its settings say it is for, special ones included; empty if they do not. */
    public OptionalInt longestSequence() {
        return longestSequence;
    }

    /** The id of a special token; empty if the tokenizer has none. */
    public OptionalInt id(SpecialToken token) {
        Integer id = specialIds.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /**
     * The id of a special token that has to be there.
     *
     * @param use completes the message: what it is needed for, such as "to stand where tokens are hidden"
     * @param anyOf the first of them that exists is taken
     * @throws InvalidInputException if the tokenizer has none of them
     */
    public int require(String use, SpecialToken... anyOf) {
        for (SpecialToken token : anyOf) {
            Integer id = specialIds.get(token);
            if (id != null) {
                return id;
            }
        }
        List<String> spellings = Arrays.stream(anyOf)
                .flatMap(token -> token.spellings().stream())
                .distinct()
                .toList();
        throw InvalidInputException.of(
                source,
                "special tokens",
                "none called " + spellings.get(0),
                String.join(" or ", spellings) + " " + use);
    }

    /** The padding token, required. */
    public int padId() {
        return require("to fill rows that are shorter than others", SpecialToken.PAD);
    }

    /** The unknown token, required. */
    public int unkId() {
        return require("to stand for what the vocabulary lacks", SpecialToken.UNK);
    }

    /** The token that stands for the whole sequence, required. */
    public int clsId() {
        return require("to stand for the whole sequence", SpecialToken.CLS);
    }

    /** The token that ends a part of a sequence, required. */
    public int sepId() {
        return require("to end a part of a sequence", SpecialToken.SEP);
    }

    /** The mask token, required. */
    public int maskId() {
        return require("to stand where a token is hidden", SpecialToken.MASK);
    }

    /** Whether a token stands for no text. */
    public boolean isSpecial(int id) {
        return special.get(id);
    }

    /**
     * Whether a token continues the word of the token before it, rather than starting one: {@code ##} in WordPiece;
     * elsewhere the lack of the mark that stands for a space ({@code Ġ}, in SentencePiece's scheme {@code ▁}) or a line
     * break ({@code Ċ}), so that there punctuation belongs to the word before it. No token continues a word behind one
     * that {@link #endsLine ends a line}.
     */
    public boolean continuesWord(int id) {
        String token = tokens[id];
        if (wordPiece) {
            return token.startsWith("##");
        }
        boolean startsWord =
                metaspace ? token.startsWith("\u2581") : token.startsWith("\u0120") || token.startsWith(LINE_BREAK);
        return !isSpecial(id) && !startsWord;
    }

    /** Whether a token ends with a line break, which byte-level tokens spell {@code Ċ}; others have none. */
    public boolean endsLine(int id) {
        return !wordPiece && !metaspace && tokens[id].endsWith(LINE_BREAK);
    }

    /** The token as the vocabulary spells it. */
    public String token(int id) {
        return tokens[id];
    }

    /**
     * Ids of texts, encoded on all cores: no special tokens added, nothing cut, nothing padded.
     *
     * @return one array per text, in order
     */
    public List<int[]> encode(List<String> texts) {
        return texts.parallelStream().map(this::encode).toList();
    }

    private int[] encode(String text) {
        String valid = withoutUnpairedSurrogates(text);
        return pieces.isPresent() ? pieces.get().encode(valid, this::encodeWhole) : encodeWhole(valid);
    }

    /** By Hugging Face's library. DJL's own batch call ends the whole Java process when a text cannot be encoded. */
    private int[] encodeWhole(String text) {
        TokenizersLibrary library = TokenizersLibrary.LIB;
        long encoding = library.encode(tokenizer.getHandle(), text, false);
        try {
            long[] longs = library.getTokenIds(encoding); // of an encoding's many fields only the ids are copied
            int[] ids = new int[longs.length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = (int) longs[i];
            }
            return ids;
        } finally {
            library.deleteEncoding(encoding);
        }
    }

    /** Halves of surrogate pairs as U+FFFD: they are no text, and DJL would garble everything around them. */
    private static String withoutUnpairedSurrogates(String text) {
        if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            return text;
        }
        int[] valid = text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
                .toArray();
        return new String(valid, 0, valid.length);
    }

    /** The text that ids stand for, special tokens left out. */
    public String decode(int[] ids) {
        long[] longs = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            longs[i] = ids[i];
        }
        return tokenizer.decode(longs, true);
    }

    /**
     * Writes the {@code tokenizer.json}, whole or not at all.
     *
     * @throws UncheckedIOException naming the file and the reason
     */
    public void save(Path file) {
        try {
            DurableFiles.write(file, json);
        } catch (IOException e) {
            throw new UncheckedIOException(FileProblem.sentence(e), e);
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
