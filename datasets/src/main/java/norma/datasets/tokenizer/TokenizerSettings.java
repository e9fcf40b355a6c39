package norma.datasets.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.SettingMention;
import norma.datasets.json.JsonObject;

/**
 * What the files beside a vocabulary say, as Hugging Face's {@code PreTrainedTokenizerBase.from_pretrained} reads them
 * (transformers 4): {@code tokenizer_config.json} and, unless that has {@code added_tokens_decoder},
 * {@code special_tokens_map.json} over it and {@code added_tokens.json}; of {@code config.json} the tokenizer's class.
 */
final class TokenizerSettings {
    private static final String SUFFIX = "Tokenizer";

    /** Classes whose fast form is BertTokenizerFast under another name. */
    private static final Set<String> BERTS = Set.of(
            "Bert",
            "DistilBert",
            "Electra",
            "MobileBert",
            "ConvBert",
            "LayoutLM",
            "Lxmert",
            "RetriBert",
            "SqueezeBert",
            "DPRContextEncoder",
            "DPRQuestionEncoder");

    /** Classes whose fast form leaves everything to tokenizer.json. */
    private static final Set<String> OF_A_FILE = Set.of(
            "PreTrained",
            "Roberta",
            "XLMRoberta",
            "Camembert",
            "GPT2",
            "Bart",
            "MBart",
            "Longformer",
            "Albert",
            "MPNet",
            "Deberta",
            "DebertaV2",
            "BigBird",
            "XLNet",
            "T5");

    private final TokenizerFiles files;
    private final Optional<JsonObject> config;
    private final Map<SpecialToken, AddedToken> roles = new EnumMap<>(SpecialToken.class);
    private final Map<String, AddedToken> additional = new LinkedHashMap<>();
    private final Map<Integer, AddedToken> added = new TreeMap<>();
    private final Set<String> spelledOnly = new HashSet<>();
    private String addedBy = "";

    private TokenizerSettings(TokenizerFiles files) {
        this.files = files;
        this.config = files.settings(TokenizerFiles.CONFIG);
    }

    /**
     * Reads them.
     *
     * @throws InvalidInputException if one is damaged, or a value is of another type than Hugging Face's
     */
    static TokenizerSettings of(TokenizerFiles files) {
        TokenizerSettings settings = new TokenizerSettings(files);
        settings.config.ifPresent(settings::readRoles);
        if (settings.config.isPresent() && settings.config.get().has("added_tokens_decoder")) {
            settings.readDecoder(settings.config.get().object("added_tokens_decoder"));
        } else {
            files.settings(TokenizerFiles.SPECIAL_TOKENS).ifPresent(settings::readRoles);
            files.settings(TokenizerFiles.ADDED_TOKENS).ifPresent(settings::readAdded);
        }
        return settings;
    }

    private void readRoles(JsonObject from) {
        for (SpecialToken role : SpecialToken.values()) {
            String key = key(role);
            if (from.has(key)) {
                roles.put(role, token(from, key, from.node().get(key)));
            }
        }
        if (from.has("additional_special_tokens")) {
            String key = "additional_special_tokens";
            JsonNode tokens = from.node().get(key);
            if (!tokens.isArray()) {
                throw from.wrong(key, tokens, "a list of tokens");
            }
            for (JsonNode each : tokens) {
                AddedToken token = token(from, key, each);
                additional.putIfAbsent(token.content(), token);
            }
        }
    }

    /** A spelling, or an object with one and with rules for where it is found. */
    private AddedToken token(JsonObject from, String key, JsonNode value) {
        if (value.isTextual()) {
            spelledOnly.add(value.textValue());
            return AddedToken.plain(value.textValue(), true);
        }
        if (!value.isObject()) {
            throw from.wrong(key, value, "a token");
        }
        JsonObject fields = new JsonObject((ObjectNode) value, from.source(), key);
        boolean ofMap = config.isEmpty() || !from.source().equals(config.get().source());
        // Beside a vocab.txt Hugging Face gives the fields of tokenizer_config.json their defaults before it is
        // special.
        AddedToken token = AddedToken.of(ofMap || !files.isVocabTxt() ? special(fields) : fields)
                .asSpecial();
        spelledOnly.remove(token.content());
        return token;
    }

    private static JsonObject special(JsonObject fields) {
        return new JsonObject(fields.node().deepCopy().put("special", true), fields.source(), fields.path());
    }

    private void readDecoder(JsonObject decoder) {
        addedBy = TokenizerFiles.CONFIG;
        decoder.objectsByKey().forEach((id, fields) -> {
            if (!id.matches("\\d{1,8}")) {
                throw decoder.wrong(id, "this key", "an id");
            }
            boolean special = isSpecial(fields.text("content"));
            added.put(Integer.parseInt(id), AddedToken.of(special ? special(fields) : fields));
        });
    }

    private void readAdded(JsonObject ids) {
        addedBy = TokenizerFiles.ADDED_TOKENS;
        ids.node().properties().forEach(entry -> {
            String content = entry.getKey();
            int id = ids.count(content, 0);
            if (added.put(id, AddedToken.plain(content, isSpecial(content))) != null) {
                throw ids.wrong(content, id, "an id of its own");
            }
        });
    }

    /** Whether it is the token of a part; a part of BERT's that no file names has its usual token. */
    private boolean isSpecial(String content) {
        return additional.containsKey(content)
                || Arrays.stream(SpecialToken.values()).anyMatch(role -> {
                    String usual = role.spellings().get(0);
                    AddedToken named = roles.get(role);
                    return named == null
                            ? isBert() && TokenizerJson.BERT.contains(usual) && usual.equals(content)
                            : named.content().equals(content);
                });
    }

    static String key(SpecialToken role) {
        return role.name().toLowerCase(Locale.ROOT) + "_token";
    }

    /** Whether there is a {@code tokenizer_config.json}. */
    boolean present() {
        return config.isPresent();
    }

    /** A switch of {@code tokenizer_config.json}, empty where it does not say. */
    Optional<Boolean> flag(String key) {
        return config.flatMap(json -> json.flag(key));
    }

    /** The special tokens that the settings name. */
    Map<SpecialToken, AddedToken> roles() {
        return roles;
    }

    /** Special tokens without a part in sequences. */
    List<AddedToken> additional() {
        return List.copyOf(additional.values());
    }

    /** Whether the settings give only the spelling of a special token, not the rules for where it is found. */
    boolean spelledOnly(AddedToken token) {
        return spelledOnly.contains(token.content());
    }

    /** Tokens with their ids, ascending. */
    Map<Integer, AddedToken> added() {
        return added;
    }

    /** The file that the added tokens are from. */
    String addedBy() {
        return addedBy;
    }

    /** Whether {@code added_tokens_decoder} replaces the older files. */
    boolean hasDecoder() {
        return addedBy.equals(TokenizerFiles.CONFIG);
    }

    /** {@code model_max_length}, where it is a limit: without one Hugging Face writes 10^30. */
    OptionalInt longestSequence() {
        if (config.isEmpty() || !config.get().has("model_max_length")) {
            return OptionalInt.empty();
        }
        JsonNode value = config.get().node().get("model_max_length");
        if (!value.isNumber() || value.doubleValue() < 1) {
            throw config.get().wrong("model_max_length", value, "a whole number of at least 1");
        }
        return value.canConvertToInt() ? OptionalInt.of(value.intValue()) : OptionalInt.empty();
    }

    /**
     * Whether the tokenizer is BertTokenizerFast, which makes a normaliser of its own from the settings; so is one of a
     * class that is not here, for who reads it all the same.
     */
    boolean isBert() {
        return tokenizerClass().filter(OF_A_FILE::contains).isEmpty();
    }

    /**
     * Checks that the settings ask for nothing that cannot be done here.
     *
     * @throws InvalidInputException if they do
     */
    void requireSupported() {
        String wayOn =
                " (" + SettingMention.of("ignore_tokenizer_settings") + " reads the vocabulary as BERT's all the same)";
        tokenizerClass().ifPresent(name -> {
            if (!BERTS.contains(name) && (files.isVocabTxt() || !OF_A_FILE.contains(name))) {
                throw classFrom()
                        .wrong(
                                "tokenizer_class",
                                classFrom().text("tokenizer_class"),
                                (files.isVocabTxt() ? "BertTokenizer beside a vocab.txt" : "a class that is known here")
                                        + wayOn);
            }
        });
        config.ifPresent(json -> {
            requireValue(json, "word_tokenizer_type", "basic", wayOn);
            requireValue(json, "subword_tokenizer_type", "wordpiece", wayOn);
            if (json.flag("split_special_tokens").orElse(false)) {
                throw json.wrong("split_special_tokens", true, "false" + wayOn);
            }
        });
    }

    private static void requireValue(JsonObject json, String key, String expected, String wayOn) {
        if (json.has(key) && !json.node().get(key).asText().equals(expected)) {
            throw json.wrong(key, json.node().get(key), expected + wayOn);
        }
    }

    /** The class's name up to "Tokenizer", empty where no file says. */
    private Optional<String> tokenizerClass() {
        return Optional.ofNullable(classFrom()).map(json -> {
            String name = json.text("tokenizer_class");
            if (name.equals("TokenizersBackend")) { // transformers 5 for PreTrainedTokenizerFast
                return "PreTrained";
            }
            return name.replaceFirst(SUFFIX + "(Fast)?$", "");
        });
    }

    /** The file that names the class, or null. */
    private JsonObject classFrom() {
        return config.filter(json -> json.has("tokenizer_class"))
                .or(() -> files.settings(TokenizerFiles.MODEL).filter(json -> json.has("tokenizer_class")))
                .orElse(null);
    }
}
