package norma.trainer.bert;

/** What may stand on top of BERT's encoder in a checkpoint. */
public enum BertHead {
    /** tanh layer on the first token. */
    POOLER("pooler"),
    /** Masked-language-model head. */
    MASKED_LM("masked-LM head"),
    /** Next-sentence head. */
    NEXT_SENTENCE("next-sentence head"),
    /** Classifier or regression on the pooled token. */
    CLASSIFIER("classifier");

    private final String words;

    BertHead(String words) {
        this.words = words;
    }

    /** What people call it. */
    public String words() {
        return words;
    }

    /** The head that a parameter belongs to, or null for the encoder's. */
    public static BertHead of(String parameter) {
        if (parameter.startsWith("bert.pooler.")) {
            return POOLER;
        }
        if (parameter.startsWith("cls.predictions.")) {
            return MASKED_LM;
        }
        if (parameter.startsWith("cls.seq_relationship.")) {
            return NEXT_SENTENCE;
        }
        return parameter.startsWith("classifier.") ? CLASSIFIER : null;
    }
}
