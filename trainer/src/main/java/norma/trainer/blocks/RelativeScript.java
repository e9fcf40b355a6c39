package norma.trainer.blocks;

import norma.trainer.model.Precision;
import norma.trainer.model.TransformerShape;

/**
 * {@link norma.trainer.model.Kernels#relativeAttention} in TorchScript, for kernels of functions. They have
 * {@code attended(probs, values, drop)}, the product with dropout, and {@code summed(x, residual, drop)}.
 *
 * <p>The score of a query i for the key at distance i - j lies in column S - i + j of its row of 2S, which is a step of
 * 2S - 1 from row to row: the scores of all keys are read in place. What a query adds to the scores of its own segment
 * is the same for all keys and so no part of a softmax: only the difference that another segment makes is added.
 */
final class RelativeScript {
    /** An optional array is one without elements where it is absent. */
    private static final String FUNCTION = """
              def relative_near(self: __torch__.Functions, wide: Tensor, distances: Tensor, length: int) -> Tensor:
                rows = torch.size(wide, 0)
                queries = torch.size(wide, 2)
                if torch.eq(torch.numel(distances), 0):
                  line = torch.mul(length, 2)
                  head = torch.mul(length, line)
                  near = torch.as_strided(torch.contiguous(wide), [rows, HEADS, length, length], [torch.mul(HEADS, head), head, torch.sub(line, 1), 1], length)
                else:
                  near = torch.gather(wide, 3, torch.expand(distances, [rows, HEADS, queries, length]))
                return near
              def relative_bias(self: __torch__.Functions, q: Tensor, bias: Tensor) -> Tensor:
                each = torch.mul(torch.reshape(bias, [HEADS, 1, HEAD_SIZE]), RELATIVE_FACTOR)
                return torch.add(q, torch.to(each, RELATIVE_TYPE))
              def relative_attention(self: __torch__.Functions, x: Tensor, k: Tensor, v: Tensor, positions: Tensor, mask: Tensor, other: Tensor, distances: Tensor, present: Tensor, drop_probs: Tensor, drop: Tensor, wq: Tensor, wo: Tensor, u: Tensor, t: Tensor, w: Tensor, segments: Tensor) -> Tensor:
                rows = torch.size(other, 0)
                queries = torch.size(other, 2)
                length = torch.size(other, 3)
                projected = torch.linear(torch.to(x, RELATIVE_TYPE), torch.to(wq, RELATIVE_TYPE), None)
                scaled = torch.mul(projected, RELATIVE_FACTOR)
                q = torch.transpose(torch.reshape(scaled, [rows, queries, HEADS, HEAD_SIZE]), 1, 2)
                keys = torch.permute(torch.reshape(torch.to(k, RELATIVE_TYPE), [rows, length, HEADS, HEAD_SIZE]), [0, 2, 3, 1])
                values = torch.transpose(torch.reshape(torch.to(v, RELATIVE_TYPE), [rows, length, HEADS, HEAD_SIZE]), 1, 2)
                places = torch.reshape(torch.to(positions, RELATIVE_TYPE), [-1, torch.mul(length, 2), HEADS, HEAD_SIZE])
                content = torch.matmul((self).relative_bias(q, u, ), keys)
                wide = torch.matmul((self).relative_bias(q, t, ), torch.permute(places, [0, 2, 3, 1]))
                position = (self).relative_near(wide, distances, length, )
                both = torch.matmul((self).relative_bias(q, w, ), torch.permute(torch.to(segments, RELATIVE_TYPE), [1, 2, 0]))
                sides = torch.to(both, 6)
                differ = torch.sub(torch.slice(sides, 3, 1, 2, 1), torch.slice(sides, 3, 0, 1, 1))
                scores = torch.addcmul(torch.add(torch.to(content, 6), torch.to(position, 6)), differ, other)
                if torch.eq(torch.numel(mask), 0):
                  seen = scores
                else:
                  seen = torch.add(scores, mask)
                probs = torch.to(torch.softmax(seen, -1), RELATIVE_TYPE)
                vectors = torch.transpose((self).attended(probs, values, drop_probs, ), 1, 2)
                joined = torch.reshape(vectors, [torch.mul(rows, queries), HIDDEN])
                if torch.eq(torch.numel(present), 0):
                  context = joined
                else:
                  context = torch.mul(joined, torch.to(present, RELATIVE_TYPE))
                out = torch.to(torch.linear(context, torch.to(wo, RELATIVE_TYPE), None), 6)
                return (self).summed(out, x, drop, )
            """;

    private RelativeScript() {}

    /** Its functions; the sizes are put in with those of the others. */
    static String of(TransformerShape shape, Precision precision) {
        return FUNCTION.replace("RELATIVE_TYPE", precision == Precision.BF16 ? "15" : "6")
                .replace("RELATIVE_FACTOR", ScriptKernels.number(1 / Math.sqrt(shape.headSize())));
    }
}
