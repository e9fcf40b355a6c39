package norma.trainer.blocks;

import norma.trainer.model.Precision;
import norma.trainer.model.TransformerShape;

/**
 * {@link norma.trainer.model.Kernels#relativeAttention} in TorchScript, for kernels of functions. They have
 * {@code attended(probs, values, drop)}, the product with dropout, and {@code summed(x, residual, drop)}.
 */
final class RelativeScript {
    /** An optional array is one without elements where it is absent. */
    private static final String FUNCTION = """
              def relative_near(self: __torch__.Functions, wide: Tensor, distances: Tensor, length: int) -> Tensor:
                rows = torch.size(wide, 0)
                queries = torch.size(wide, 2)
                if torch.eq(torch.numel(distances), 0):
                  folded = torch.reshape(wide, [rows, HEADS, torch.mul(length, 2), length])
                  after = torch.slice(folded, 2, 1, 9223372036854775807, 1)
                  unfolded = torch.reshape(after, [rows, HEADS, length, torch.sub(torch.mul(length, 2), 1)])
                  near = torch.slice(unfolded, 3, 0, length, 1)
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
                keys = torch.transpose(torch.to(k, RELATIVE_TYPE), 2, 3)
                values = torch.to(v, RELATIVE_TYPE)
                places = torch.transpose(torch.to(positions, RELATIVE_TYPE), 2, 3)
                content = torch.matmul((self).relative_bias(q, u, ), keys)
                wide = torch.matmul((self).relative_bias(q, t, ), places)
                position = (self).relative_near(wide, distances, length, )
                both = torch.matmul((self).relative_bias(q, w, ), torch.permute(torch.to(segments, RELATIVE_TYPE), [1, 2, 0]))
                sides = torch.to(both, 6)
                same = torch.slice(sides, 3, 0, 1, 1)
                differ = torch.sub(torch.slice(sides, 3, 1, 2, 1), same)
                segment = torch.add(torch.mul(differ, other), same)
                scores = torch.add(torch.add(torch.to(content, 6), torch.to(position, 6)), segment)
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
