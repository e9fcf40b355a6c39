package norma.datasets.tokenizer;

import java.util.List;

/**
 * What a token that stands for no text is for, with the spellings that are in use, the most usual first. A tokenizer
 * may lack any of them, and one token may be several: RoBERTa's {@code <s>} is CLS and BOS, its {@code </s>} SEP and
 * EOS, and GPT-2's only one is BOS and EOS.
 */
public enum SpecialToken {
    /** Fills a row that is shorter than others. */
    PAD,
    /** Stands for what a vocabulary lacks. */
    UNK,
    /** Stands for the whole sequence: BERT's and RoBERTa's first token, XLNet's last. */
    CLS,
    /** Ends a part of a sequence, and a document. */
    SEP,
    /** Stands where a token is hidden. */
    MASK,
    /** Begins a text. */
    BOS,
    /** Ends a text. */
    EOS;

    /** The names under which tokenizers carry it. */
    public List<String> spellings() {
        return switch (this) {
            case PAD -> List.of("[PAD]", "<pad>");
            case UNK -> List.of("[UNK]", "<unk>");
            case CLS -> List.of("[CLS]", "<cls>", "<s>");
            case SEP -> List.of("[SEP]", "<sep>", "</s>");
            case MASK -> List.of("[MASK]", "<mask>");
            case BOS -> List.of("<s>", "<|endoftext|>");
            case EOS -> List.of("</s>", "<|endoftext|>");
        };
    }
}
