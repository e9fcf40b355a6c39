package norma.datasets.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import norma.datasets.tokenizer.SequenceFormat.Part;
import norma.datasets.tokenizer.SequenceFormat.Special;
import norma.datasets.tokenizer.SequenceFormat.Text;

/** Writes Hugging Face's {@code tokenizer.json}. */
final class TokenizerJson {
    /** BERT's special tokens, in the order of the ids that training gives them. */
    static final List<String> BERT = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    /** RoBERTa's, in the order of theirs. */
    static final List<String> ROBERTA = List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>");

    /** GPT-2's only one. */
    static final List<String> GPT2 = List.of("<|endoftext|>");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private TokenizerJson() {}

    /** BERT's tokenizer on a vocabulary whose ids are the positions in the list. */
    static String wordPiece(List<String> vocabulary, boolean lowercase, SequenceFormat format) {
        ObjectNode root = wordPieceTree(vocabulary, Map.of(), format);
        ((ObjectNode) root.get("normalizer")).put("lowercase", lowercase);
        return text(root);
    }

    /**
     * The same as a tree, uncased.
     *
     * @param names of special tokens that are not called as BERT's are
     */
    static ObjectNode wordPieceTree(List<String> vocabulary, Map<SpecialToken, String> names, SequenceFormat format) {
        UnaryOperator<String> named = bert -> Arrays.stream(SpecialToken.values())
                .filter(token -> token.spellings().get(0).equals(bert) && names.containsKey(token))
                .map(names::get)
                .findFirst()
                .orElse(bert);
        ObjectNode root = start(vocabulary, BERT.stream().map(named).toList());
        ObjectNode normalizer = root.putObject("normalizer");
        normalizer.put("type", "BertNormalizer");
        normalizer.put("clean_text", true);
        normalizer.put("handle_chinese_chars", true);
        normalizer.putNull("strip_accents"); // as lowercase says
        normalizer.put("lowercase", true);
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        template(root, vocabulary, names, format, true);
        ObjectNode decoder = root.putObject("decoder");
        decoder.put("type", "WordPiece");
        decoder.put("prefix", "##");
        decoder.put("cleanup", true);
        ObjectNode model = root.putObject("model");
        model.put("type", "WordPiece");
        model.put("unk_token", named.apply("[UNK]"));
        model.put("continuing_subword_prefix", "##");
        model.put("max_input_chars_per_word", 100);
        vocabulary(model, vocabulary);
        return root;
    }

    /** The special tokens of byte-level BPE: GPT-2's where documents end as its do, or else RoBERTa's. */
    static List<String> ofByteLevel(SequenceFormat format) {
        return format.documentEnd() == SpecialToken.EOS ? GPT2 : ROBERTA;
    }

    /** Byte-level BPE with the special tokens that it has for a format. */
    static String byteLevelBpe(List<String> vocabulary, List<String[]> merges, SequenceFormat format) {
        ObjectNode root = start(vocabulary, ofByteLevel(format));
        root.putNull("normalizer");
        ObjectNode preTokenizer = root.putObject("pre_tokenizer");
        preTokenizer.put("type", "ByteLevel");
        preTokenizer.put("add_prefix_space", false);
        preTokenizer.put("trim_offsets", true);
        preTokenizer.put("use_regex", true);
        // The first runs' files have type 0 throughout, whatever BERT does with them, and resuming compares them whole.
        template(root, vocabulary, Map.of(), format, !format.equals(SequenceFormat.BERT));
        ObjectNode decoder = root.putObject("decoder");
        decoder.put("type", "ByteLevel");
        decoder.put("add_prefix_space", true);
        decoder.put("trim_offsets", true);
        decoder.put("use_regex", true);
        ObjectNode model = root.putObject("model");
        model.put("type", "BPE");
        model.putNull("dropout");
        model.putNull("unk_token");
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", false);
        model.put("byte_fallback", false);
        vocabulary(model, vocabulary);
        ArrayNode list = model.putArray("merges");
        merges.forEach(merge -> list.add(merge[0] + " " + merge[1]));
        return text(root);
    }

    private static ObjectNode start(List<String> vocabulary, List<String> special) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (int id = 0; id < vocabulary.size(); id++) {
            if (special.contains(vocabulary.get(id))) {
                added.add(AddedToken.plain(vocabulary.get(id), true).json(id));
            }
        }
        return root;
    }

    /** What Hugging Face's library puts around texts: the format, if it has special tokens and the vocabulary them. */
    private static void template(
            ObjectNode root,
            List<String> vocabulary,
            Map<SpecialToken, String> names,
            SequenceFormat format,
            boolean typed) {
        Map<SpecialToken, String> spelled = new LinkedHashMap<>(); // in the order in which they stand
        for (Part part : format.takesPairs() ? format.pair() : format.single()) {
            if (part instanceof Special special) {
                String spelling = Stream.concat(
                                Stream.ofNullable(names.get(special.token())), special.token().spellings().stream())
                        .filter(vocabulary::contains)
                        .findFirst()
                        .orElse(null); // a vocab.txt may lack it
                spelled.put(special.token(), spelling);
            }
        }
        if (spelled.isEmpty() || spelled.containsValue(null)) {
            root.putNull("post_processor");
            return;
        }
        ObjectNode processor = root.putObject("post_processor");
        processor.put("type", "TemplateProcessing");
        parts(processor.putArray("single"), format.single(), spelled, typed);
        parts(processor.putArray("pair"), format.pair(), spelled, typed);
        ObjectNode tokens = processor.putObject("special_tokens");
        for (String token : spelled.values()) {
            ObjectNode entry = tokens.putObject(token);
            entry.put("id", token);
            entry.putArray("ids").add(vocabulary.indexOf(token));
            entry.putArray("tokens").add(token);
        }
    }

    private static void parts(ArrayNode into, List<Part> parts, Map<SpecialToken, String> spelled, boolean typed) {
        for (Part part : parts) {
            ObjectNode node = part instanceof Special special
                    ? into.addObject().putObject("SpecialToken").put("id", spelled.get(special.token()))
                    : into.addObject().putObject("Sequence").put("id", ((Text) part).number() == 1 ? "A" : "B");
            node.put("type_id", typed ? part.type() : 0);
        }
    }

    private static void vocabulary(ObjectNode model, List<String> vocabulary) {
        ObjectNode vocab = model.putObject("vocab");
        for (int id = 0; id < vocabulary.size(); id++) {
            vocab.put(vocabulary.get(id), id);
        }
    }

    /** A tree as the text of a file. */
    static String text(ObjectNode root) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // a tree of strings and numbers
        }
    }
}
