package norma.datasets.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.SettingMention;
import norma.datasets.json.JsonFile;

/**
 * A tokenizer as it is published: a {@code tokenizer.json} or {@code vocab.txt} with the settings beside it, which
 * count as they do for Hugging Face's AutoTokenizer and BertTokenizerFast.
 *
 * <p>BertTokenizerFast makes the normaliser of a {@code tokenizer.json} again where it differs from
 * {@code tokenizer_config.json}, and what that leaves out has BERT's default: lower case yes, accents as lower case,
 * Chinese characters apart. A {@code tokenizer.json} without {@code tokenizer_config.json} is taken at its word.
 *
 * @param tokenizer to be closed by whoever takes it
 * @param decisions which file decided what, a phrase each
 * @param assumptions what no file says, a phrase each
 */
public record PublishedTokenizer(Tokenizer tokenizer, List<String> decisions, List<String> assumptions) {
    private static final int LISTED = 5; // names in a phrase

    /**
     * Reads a tokenizer.
     *
     * @throws InvalidInputException if a file is damaged, two of them contradict each other, or the settings ask for a
     *     tokenizer that is not here
     */
    public static PublishedTokenizer read(TokenizerFiles files, TokenizerChoices choices) {
        return new Reading(files, choices).read();
    }

    /** The normaliser's three switches; accents null: as lower case. */
    private record Normalizer(boolean lowercase, Boolean stripAccents, boolean chinese) {
        static Normalizer in(JsonNode node) {
            JsonNode accents = node.path("strip_accents");
            return new Normalizer(
                    node.path("lowercase").asBoolean(true),
                    accents.isBoolean() ? accents.booleanValue() : null,
                    node.path("handle_chinese_chars").asBoolean(true));
        }

        void writeInto(ObjectNode node) {
            node.put("handle_chinese_chars", chinese);
            node.put("strip_accents", stripAccents);
            node.put("lowercase", lowercase);
        }

        @Override
        public String toString() {
            boolean stripped = stripAccents == null ? lowercase : stripAccents;
            return (lowercase ? "lower-cased" : "not lower-cased") + ", accents " + (stripped ? "stripped" : "kept")
                    + (chinese ? "" : ", Chinese characters not set apart");
        }
    }

    private static final class Reading {
        private final TokenizerFiles files;
        private final TokenizerChoices choices;
        private final TokenizerSettings settings;
        private final List<String> decisions = new ArrayList<>();
        private final List<String> assumptions = new ArrayList<>();

        Reading(TokenizerFiles files, TokenizerChoices choices) {
            this.files = files;
            this.choices = choices;
            this.settings = TokenizerSettings.of(files);
        }

        PublishedTokenizer read() {
            if (!choices.ignoreSettings()) {
                settings.requireSupported();
            }
            String text = files.vocabulary();
            ObjectNode root = files.isVocabTxt()
                    ? ofVocabTxt(text)
                    : JsonFile.parse(text, files.source()).node();
            ObjectNode before = root.deepCopy();
            if (!files.isVocabTxt()) {
                normalize(root);
            }
            addTokens(root);
            boolean asWritten = !files.isVocabTxt() && root.equals(before);
            Map<SpecialToken, String> roles = new EnumMap<>(SpecialToken.class);
            settings.roles().forEach((role, token) -> roles.put(role, token.content()));
            settings.longestSequence()
                    .ifPresent(length -> decisions.add("at most " + length + " tokens, by model_max_length"));
            Tokenizer tokenizer = new Tokenizer(
                    asWritten ? text : TokenizerJson.text(root), files.source(), roles, settings.longestSequence());
            return new PublishedTokenizer(tokenizer, List.copyOf(decisions), List.copyOf(assumptions));
        }

        private ObjectNode ofVocabTxt(String text) {
            List<String> tokens = VocabTxt.read(text, files.source());
            Normalizer normalizer = new Normalizer(
                    lowercaseOfVocabTxt(tokens),
                    settings.flag("strip_accents").orElse(null),
                    settings.flag("tokenize_chinese_chars").orElse(true));
            decisions.add("text is " + normalizer + ", by " + decider());
            Map<SpecialToken, String> spellings = new EnumMap<>(SpecialToken.class);
            settings.roles().forEach((role, token) -> spellings.put(role, token.content()));
            ObjectNode root = TokenizerJson.wordPieceTree(tokens, spellings, SequenceFormat.BERT);
            normalizer.writeInto((ObjectNode) root.get("normalizer"));
            return root;
        }

        private String decider() {
            if (choices.casing() != Casing.FROM_SOURCE) {
                return settings.present() ? "choice and " + TokenizerFiles.CONFIG : "choice";
            }
            return settings.present() ? TokenizerFiles.CONFIG : "what a vocab.txt suggests";
        }

        private boolean lowercaseOfVocabTxt(List<String> tokens) {
            Optional<Boolean> said = lowercaseAsSaid();
            if (said.isPresent()) {
                return said.get();
            }
            if (choices.vocabTxt() != Casing.FROM_SOURCE) {
                return choices.vocabTxt() == Casing.UNCASED;
            }
            Casing suggested = Casing.suggested(choices.modelName(), tokens);
            boolean named = choices.modelName().toLowerCase(Locale.ROOT).contains("cased");
            boolean cased = suggested == Casing.CASED;
            assumptions.add((cased ? "a cased" : "an uncased") + " vocabulary, by "
                    + (named ? "its name" : "its tokens") + " ("
                    + (cased
                            ? setting(Casing.UNCASED) + " lower-cases text)"
                            : setting(Casing.CASED) + " keeps case)"));
            return suggested == Casing.UNCASED;
        }

        private static String setting(Casing casing) {
            return SettingMention.of("casing", casing.name().toLowerCase(Locale.ROOT));
        }

        private Optional<Boolean> lowercaseAsSaid() {
            return choices.casing() == Casing.FROM_SOURCE
                    ? settings.flag("do_lower_case")
                    : Optional.of(choices.casing() == Casing.UNCASED);
        }

        /** As BertTokenizerFast.__init__ does, and as chosen. */
        private void normalize(ObjectNode root) {
            boolean chosen = choices.casing() != Casing.FROM_SOURCE;
            boolean rebuilt = settings.present() && settings.isBert();
            boolean bert = root.at("/normalizer/type").asText().equals("BertNormalizer");
            if (chosen && !bert) {
                throw InvalidInputException.of(
                        files.source(),
                        "normalizer",
                        root.path("normalizer"),
                        "BertNormalizer, for " + setting(choices.casing()) + " changes what that does");
            }
            if (!bert || !(chosen || rebuilt)) {
                decisions.add("as tokenizer.json says" + (settings.present() ? unread() : ""));
                return;
            }
            ObjectNode node = (ObjectNode) root.get("normalizer");
            Normalizer before = Normalizer.in(node);
            Normalizer after = rebuilt
                    ? new Normalizer(
                            lowercaseAsSaid().orElse(true),
                            settings.flag("strip_accents").orElse(null),
                            settings.flag("tokenize_chinese_chars").orElse(true))
                    : new Normalizer(lowercaseAsSaid().orElseThrow(), before.stripAccents(), before.chinese());
            if (after.equals(before)) {
                decisions.add("text is " + after + ", by tokenizer.json"
                        + (rebuilt ? " and " + TokenizerFiles.CONFIG : " and choice"));
                return;
            }
            after.writeInto(node);
            boolean silent = rebuilt && lowercaseAsSaid().isEmpty() && !before.lowercase();
            decisions.add("text is " + after + ", by " + decider() + " against tokenizer.json (" + before + ")"
                    + (silent
                            ? ": without do_lower_case there BertTokenizerFast lower-cases (" + setting(Casing.CASED)
                                    + " keeps case)"
                            : ""));
        }

        /** What PreTrainedTokenizerFast and others do not read. */
        private String unread() {
            return settings.flag("do_lower_case").isPresent()
                    ? ", whatever do_lower_case says: its class ignores it"
                    : "";
        }

        /** As PreTrainedTokenizerFast.__init__ does. */
        private void addTokens(ObjectNode root) {
            AddedTokens tokens = AddedTokens.of(root, files.source());
            List<AddedToken> special = new ArrayList<>(settings.roles().values());
            special.addAll(settings.additional());
            settings.added().forEach((id, token) -> tokens.add(token, id, settings.addedBy()));
            for (AddedToken token : special) {
                boolean known = tokens.contains(token.content());
                boolean ofDecoder = settings.added().values().stream()
                        .anyMatch(added -> added.content().equals(token.content()));
                boolean ofTokenizerJson = known && !files.isVocabTxt() && !settings.hasDecoder();
                if (!known || !(settings.spelledOnly(token) || ofDecoder || ofTokenizerJson)) {
                    tokens.add(token);
                }
            }
            if (settings.present() && settings.isBert()) {
                TokenizerJson.BERT.stream()
                        .filter(name -> tokens.inVocabulary(name) && !tokens.contains(name))
                        .forEach(name -> tokens.add(AddedToken.plain(name, true)));
            }
            tokens.writeInto(root);
            describe(special);
        }

        private void describe(List<AddedToken> special) {
            if (!settings.added().isEmpty()) {
                decisions.add(settings.added().size() + " added tokens, by " + settings.addedBy() + ": "
                        + listed(List.copyOf(settings.added().values())));
            }
            List<AddedToken> unusual = special.stream()
                    .filter(token -> !TokenizerJson.BERT.contains(token.content()))
                    .distinct()
                    .toList();
            if (!unusual.isEmpty()) {
                decisions.add("special tokens by the settings: " + listed(unusual));
            }
        }

        private static String listed(List<AddedToken> tokens) {
            return tokens.stream().limit(LISTED).map(AddedToken::content).collect(Collectors.joining(" "))
                    + (tokens.size() > LISTED ? " and others" : "");
        }
    }
}
