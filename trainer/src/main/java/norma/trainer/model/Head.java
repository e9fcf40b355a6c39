package norma.trainer.model;

/** What may stand on top of a network. */
public enum Head {
    /** tanh layer on one token of the last hidden state. */
    POOLER("pooler"),
    /** Logits over the vocabulary. */
    LANGUAGE_MODEL("language-model head"),
    /** Whether each token is the original one or was replaced. */
    REPLACED_TOKENS("replaced-token head"),
    /** Whether the second segment follows the first. */
    NEXT_SENTENCE("next-sentence head"),
    /** Classifier or regression on a whole sequence. */
    CLASSIFIER("classifier");

    private final String label;

    Head(String label) {
        this.label = label;
    }

    /** What people call it. */
    public String label() {
        return label;
    }
}
