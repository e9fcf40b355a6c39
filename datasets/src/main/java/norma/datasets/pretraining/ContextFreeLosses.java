package norma.datasets.pretraining;

/**
 * Mean cross-entropies, in nats, that held-out predictions have without any use of context: what a model reaches before
 * it begins to read. p is the distribution of the training split's tokens, a token once more than it occurs (so that
 * one that never occurs there has a finite loss); tokens that are never predicted do not count.
 *
 * @param unigram the labels under p: the best prediction that is the same everywhere, of those that training text gives
 * @param entropy the labels under their own distribution: what no prediction that is the same everywhere can go below.
 *     It knows the held-out labels, and is the lower the fewer they are
 * @param contextFree the labels under p and what their own position shows: [MASK] says nothing, but a token that is
 *     shown has stayed or was drawn at random, with known odds. A loss below it needs context. NaN where nothing is
 *     masked
 */
public record ContextFreeLosses(double unigram, double entropy, double contextFree) {}
