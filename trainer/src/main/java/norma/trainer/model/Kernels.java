package norma.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import norma.trainer.device.DeviceBatch;

/**
 * What lies between the LayerNorms of a layer, so that the layer is written once whatever it is computed with:
 * operators one by one, or functions fused for a device and a precision.
 */
public interface Kernels extends AutoCloseable {
    /**
     * Self-attention added to a residual: dropout(softmax(Q K^T / sqrt(D)) V W_o + b_o) + residual (Vaswani et al.
     * 2017, section 3.2). Padding is masked, and in a decoder whatever follows the query. The probabilities are those
     * of {@link TransformerShape#stretch}, and a gate multiplies what a head makes of V.
     *
     * @param batch gives B and the padding
     * @param place which layer, and which dropout on the probabilities; the one on the output comes after it
     * @return (B*S, H)
     */
    NDArray selfAttention(
            ForwardPass pass, AttentionWeights weights, AttentionInput input, DeviceBatch batch, AttentionPlace place);

    /**
     * Attention to another stack added to a residual: as self-attention, with queries of x and with keys and values of
     * what the other stack gives (Vaswani et al. 2017, section 3.2.3).
     *
     * @param source gives B and the padding of the other stack
     * @param place which layer, and which dropout on the probabilities; the one on the output comes after it
     * @return (B*T, H)
     */
    NDArray crossAttention(
            ForwardPass pass,
            CrossAttentionWeights weights,
            CrossAttentionInput input,
            DeviceBatch source,
            AttentionPlace place);

    /**
     * Feed-forward added to a residual: dropout(act(x W_1 + b_1) W_2 + b_2) + residual.
     *
     * @param x (B*S, H)
     * @param residual (B*S, H), as of {@link AttentionInput}
     * @param dropout which dropout site
     * @return (B*S, H)
     */
    NDArray feedForward(ForwardPass pass, FeedForwardWeights weights, NDArray x, NDArray residual, int dropout);

    /**
     * The same with dropout of the inner array too: dropout(dropout(act(x W_1 + b_1)) W_2 + b_2) + residual.
     *
     * @param dropout which dropout site, of the inner array; the one of the output comes after it
     */
    NDArray feedForwardDroppedInside(
            ForwardPass pass, FeedForwardWeights weights, NDArray x, NDArray residual, int dropout);

    /** The shape's activation function in float32: (N, F) to (N, F). */
    NDArray activation(NDArray x);

    /**
     * Attention by content, relative position and segment, added to what asks (Dai et al. 2019, "Transformer-XL",
     * section 3.3; Yang et al. 2019, "XLNet", section 2.4). Of query i and key j the score is ((q_i + u) k_j + (q_i +
     * v) r_(i-j) + (q_i + w) s_ij) / sqrt(D), with s_ij one of two vectors, for a key of the same segment and of
     * another.
     *
     * @param x what queries are made of, and the residual (B*Q, H)
     * @param place which layer, and which dropout on the probabilities; the one on the output comes after it
     * @return dropout(softmax(scores) V W_o) + x (B*Q, H)
     */
    NDArray relativeAttention(
            ForwardPass pass, RelativeWeights weights, RelativeKeys keys, NDArray x, Reach reach, AttentionPlace place);

    /**
     * Logits over the vocabulary: LayerNorm(act(x W + b)) E^T + c, with E the word embeddings.
     *
     * @param hidden (N, H)
     * @return (N, V)
     */
    NDArray vocabularyLogits(VocabularyWeights weights, NDArray hidden);

    /**
     * A linear layer without a bias, x W^T; also of logits over the vocabulary with nothing between, W being the word
     * embeddings.
     *
     * @param x (N, in)
     * @param weight (out, in)
     * @return (N, out)
     */
    NDArray product(NDArray x, NDArray weight);

    /** Dropout of hidden states at a site. */
    NDArray dropout(ForwardPass pass, NDArray x, int site);

    /**
     * Dropout of what all sequences have in common, drawn for each of them.
     *
     * @param x (N, H)
     * @param rows B
     * @return (B*N, H), or x itself where nothing is dropped
     */
    NDArray dropoutOfShared(ForwardPass pass, NDArray x, int rows, int site);

    @Override
    void close();

    /**
     * Where an attention stands.
     *
     * @param kind which attention of the layer; a {@link AttentionKind#DECODER decoder's} sees nothing that follows
     * @param layer counted from 0 within its stack
     * @param dropout the dropout site of its probabilities
     */
    record AttentionPlace(AttentionKind kind, int layer, int dropout) {}

    /**
     * What goes into self-attention.
     *
     * @param x what queries, keys and values are made of (B*S, H)
     * @param residual (B*S, H): x itself where a LayerNorm follows, what x is the LayerNorm of where it comes first
     * @param gate how far each head's output is let through, from 0 to 1 (B*S, A); null: all of it. No decoder has one
     */
    record AttentionInput(NDArray x, NDArray residual, NDArray gate) {}

    /**
     * Of self-attention.
     *
     * @param qkvWeight query, key and value, one above the other: (3H, H)
     * @param qkvBias (3H)
     * @param outputWeight (H, H)
     * @param outputBias (H)
     */
    record AttentionWeights(NDArray qkvWeight, NDArray qkvBias, NDArray outputWeight, NDArray outputBias) {}

    /**
     * Of relative attention.
     *
     * @param query (A*D, H)
     * @param output (H, A*D)
     * @param contentBias u (A, D)
     * @param positionBias v (A, D)
     * @param segmentBias w (A, D)
     * @param segments s of a key of the same segment, and of another (2, A, D)
     */
    record RelativeWeights(
            NDArray query,
            NDArray output,
            NDArray contentBias,
            NDArray positionBias,
            NDArray segmentBias,
            NDArray segments) {}

    /**
     * What relative attention looks at, each head in a block of its own.
     *
     * @param keys k (B, A, S, D)
     * @param values (B, A, S, D)
     * @param positions r, from that of distance S down to that of -S + 1: (B, A, 2S, D), or (1, A, 2S, D) where all
     *     sequences have the same
     */
    record RelativeKeys(NDArray keys, NDArray values, NDArray positions) {}

    /**
     * What queries of relative attention reach.
     *
     * @param mask what is added to their scores, 0 or a large negative number (B, 1, Q, S); null where all is seen
     * @param otherSegment 1 where a key is of another segment than the query, or else 0 (B, 1, Q, S); null where all
     *     are of one
     * @param distances of each query and key the row of r, INT64 (B, 1, Q, S); null where the queries are the S tokens
     * @param present 1 of a query and 0 of one that there is not, to which nothing comes (B*Q, 1); null where all are
     */
    record Reach(NDArray mask, NDArray otherSegment, NDArray distances, NDArray present) {}

    /**
     * What goes into attention to another stack.
     *
     * @param x what queries are made of (B*T, H)
     * @param residual (B*T, H)
     * @param memory what keys and values are made of (B*S, H)
     */
    record CrossAttentionInput(NDArray x, NDArray residual, NDArray memory) {}

    /**
     * Of attention to another stack.
     *
     * @param queryWeight (H, H)
     * @param queryBias (H)
     * @param keyValueWeight key and value, one above the other: (2H, H)
     * @param keyValueBias (2H)
     * @param outputWeight (H, H)
     * @param outputBias (H)
     */
    record CrossAttentionWeights(
            NDArray queryWeight,
            NDArray queryBias,
            NDArray keyValueWeight,
            NDArray keyValueBias,
            NDArray outputWeight,
            NDArray outputBias) {
        /** All of them, in this order. */
        public NDList all() {
            return new NDList(queryWeight, queryBias, keyValueWeight, keyValueBias, outputWeight, outputBias);
        }
    }

    /**
     * Of the feed-forward part.
     *
     * @param innerWeight (F, H)
     * @param innerBias (F)
     * @param outerWeight (H, F)
     * @param outerBias (H)
     */
    record FeedForwardWeights(NDArray innerWeight, NDArray innerBias, NDArray outerWeight, NDArray outerBias) {}

    /**
     * Of a head over the vocabulary.
     *
     * @param transformWeight (E, H), with E the width of the kernels' shape
     * @param transformBias (E)
     * @param normWeight (E)
     * @param normBias (E)
     * @param wordEmbeddings (V, E)
     * @param bias (V)
     */
    record VocabularyWeights(
            NDArray transformWeight,
            NDArray transformBias,
            NDArray normWeight,
            NDArray normBias,
            NDArray wordEmbeddings,
            NDArray bias) {}
}
