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
              def relative_near(self: __torch__.Functions, wide: Tensor, distances: Tensor) -> Tensor:
                if torch.eq(torch.numel(distances), 0):
                  near = (self).shifted(wide, )
                else:
                  near = torch.gather(wide, 3, torch.expand(distances, [torch.size(wide, 0), HEADS, torch.size(wide, 2), torch.size(distances, 3)]))
                return near
              def relative_bias(self: __torch__.Functions, q: Tensor, bias: Tensor) -> Tensor:
                each = torch.mul(torch.reshape(bias, [HEADS, 1, HEAD_SIZE]), RELATIVE_FACTOR)
                return torch.add(q, torch.to(each, RELATIVE_TYPE))
              def relative_attention(self: __torch__.Functions, x: Tensor, k: Tensor, v: Tensor, positions: Tensor, mask: Tensor, other: Tensor, distances: Tensor, present: Tensor, drop_probs: Tensor, drop: Tensor, wq: Tensor, wo: Tensor, u: Tensor, t: Tensor, w: Tensor, segments: Tensor) -> Tensor:
                rows = torch.size(k, 0)
                asking = torch.linear(torch.to(x, RELATIVE_TYPE), torch.to(torch.mul(wq, RELATIVE_FACTOR), RELATIVE_TYPE), None)
                q = torch.transpose(torch.reshape(asking, [rows, -1, HEADS, HEAD_SIZE]), 1, 2)
                keys = torch.transpose(torch.to(k, RELATIVE_TYPE), 2, 3)
                values = torch.to(v, RELATIVE_TYPE)
                places = torch.transpose(torch.to(positions, RELATIVE_TYPE), 2, 3)
                content = torch.matmul((self).relative_bias(q, u, ), keys)
                wide = torch.matmul((self).relative_bias(q, t, ), places)
                position = (self).relative_near(wide, distances, )
                near = torch.add(torch.to(content, 6), torch.to(position, 6))
                if torch.eq(torch.numel(other), 0):
                  scores = near
                else:
                  change = torch.sub(torch.select(segments, 0, 1), torch.select(segments, 0, 0))
                  more = torch.matmul((self).relative_bias(q, w, ), torch.to(torch.unsqueeze(change, 2), RELATIVE_TYPE))
                  scores = torch.add(near, torch.mul(torch.to(more, 6), other))
                if torch.eq(torch.numel(mask), 0):
                  seen = scores
                else:
                  seen = torch.add(scores, mask)
                probs = torch.to(torch.softmax(seen, -1), RELATIVE_TYPE)
                vectors = torch.transpose((self).attended(probs, values, drop_probs, ), 1, 2)
                joined = torch.reshape(vectors, [-1, HIDDEN])
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
        return (ScriptOperators.SHIFTED + FUNCTION)
                .replace("RELATIVE_TYPE", precision == Precision.BF16 ? "15" : "6")
                .replace("RELATIVE_FACTOR", ScriptKernels.number(1 / Math.sqrt(shape.headSize())));
    }
}
