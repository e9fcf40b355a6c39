package norma.datasets.tokenizer;

import java.util.List;

/** The names under which tokenizers carry the tokens that a masked language model needs. */
final class SpecialTokens {
    /** BERT's, in the order of the ids that training gives them. */
    static final List<String> BERT = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    /** RoBERTa's, in the order of theirs: pad, unk, cls, sep, mask stand at 1, 3, 0, 2, 4. */
    static final List<String> ROBERTA = List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>");

    static final List<String> PAD = List.of("[PAD]", "<pad>");
    static final List<String> UNK = List.of("[UNK]", "<unk>");
    static final List<String> CLS = List.of("[CLS]", "<cls>", "<s>");
    static final List<String> SEP = List.of("[SEP]", "<sep>", "</s>");
    static final List<String> MASK = List.of("[MASK]", "<mask>");

    private SpecialTokens() {}
}
