package norma.trainer.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import norma.trainer.device.Devices;
import norma.trainer.model.Precision;
import norma.trainer.model.SoftmaxStretch;
import norma.trainer.model.TransformerShape;
import norma.trainer.torchscript.TorchScript;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every fused function forward and backward on libtorch's device {@code meta}, whose arrays have shapes and no values:
 * at a size that no CPU would compute here, and where a look at a value, on a GPU a wait, is an error. DJL knows no
 * such device, so the arrays live inside one function each.
 */
@Tag("engine")
class FusedOnMetaTest {
    private static final int ROWS = 256;
    private static final int LENGTH = 512;
    private static final int TOKENS = ROWS * LENGTH;
    private static final int PREDICTIONS = TOKENS * 15 / 100;
    private static final int H = 768;
    private static final int HEADS = 12;
    private static final int INNER = 4 * H;
    private static final int VOCABULARY = 30_528;

    private static final long[] ABSENT = {0};

    /** What is no parameter and no hidden state. */
    private static final Set<String> UNTRAINED = Set.of("mask", "other", "distances", "present", "drop_probs", "drop");

    private static final Map<String, long[]> SHAPES = Map.ofEntries(
            Map.entry("residual", new long[] {TOKENS, H}),
            Map.entry("mask", new long[] {ROWS, LENGTH}),
            Map.entry("gate", new long[] {TOKENS, HEADS}),
            Map.entry("wqkv", new long[] {3 * H, H}),
            Map.entry("bqkv", new long[] {3 * H}),
            Map.entry("wo", new long[] {H, H}),
            Map.entry("bo", new long[] {H}),
            Map.entry("w2", new long[] {H, INNER}),
            Map.entry("b2", new long[] {H}),
            Map.entry("memory", new long[] {ROWS, LENGTH, H}),
            Map.entry("wq", new long[] {H, H}),
            Map.entry("bq", new long[] {H}),
            Map.entry("wkv", new long[] {2 * H, H}),
            Map.entry("bkv", new long[] {2 * H}),
            Map.entry("k", new long[] {ROWS, HEADS, LENGTH, H / HEADS}),
            Map.entry("v", new long[] {ROWS, HEADS, LENGTH, H / HEADS}),
            Map.entry("positions", new long[] {1, HEADS, 2 * LENGTH, H / HEADS}),
            Map.entry("other", new long[] {ROWS, 1, LENGTH, LENGTH}),
            Map.entry("u", new long[] {HEADS, H / HEADS}),
            Map.entry("t", new long[] {HEADS, H / HEADS}),
            Map.entry("w", new long[] {HEADS, H / HEADS}),
            Map.entry("segments", new long[] {2, HEADS, H / HEADS}),
            Map.entry("distances", ABSENT),
            Map.entry("present", ABSENT),
            Map.entry("drop_probs", ABSENT),
            Map.entry("drop", ABSENT),
            Map.entry("weight", new long[] {H}),
            Map.entry("bias", new long[] {H}),
            Map.entry("inner", new long[] {TOKENS, INNER}),
            Map.entry("table", new long[] {VOCABULARY, H}),
            Map.entry("shift", new long[] {VOCABULARY}));

    /**
     * Operators that libtorch knows on {@code meta} from Python alone, and others of the same shapes in their place.
     * Each is a single operator of libtorch; what stands around them is what is tested.
     */
    private static final Map<String, String> WITHOUT_PYTHON = Map.of(
            "torch.scaled_dot_product_attention(q, k, v, mask, 0.1, causal)",
            "torch.matmul(torch.softmax(torch.matmul(q, torch.transpose(k, 2, 3)), -1), v)",
            "torch.layer_norm(activated, [768], weight, bias, 1.0e-12, False)",
            "torch.add(torch.mul(activated, weight), bias)",
            "torch.isfinite(sum)",
            "torch.gt(sum, 0)",
            "torch.relu(inner)",
            "torch.clamp(inner, 0.0, 1.0)",
            "torch.logical_not(tokens)",
            "torch.eq(tokens, 0)",
            "torch.logical_and(before, unchecked_cast(Tensor, mask))",
            "torch.gt(torch.mul(before, unchecked_cast(Tensor, mask)), 0)",
            "torch.where(torch.gt(picked, 0), torch.log(picked), exact)",
            "torch.add(torch.mul(torch.gt(picked, 0), torch.log(picked)), exact)");

    private static String withoutPython(String source) {
        String replaced = source;
        for (Map.Entry<String, String> one : WITHOUT_PYTHON.entrySet()) {
            replaced = replaced.replace(one.getKey(), one.getValue());
        }
        assertThat(replaced).isNotEqualTo(source);
        return replaced;
    }

    private static long[] shape(String function, String argument) {
        boolean head = function.equals("predict") || function.equals("product");
        return switch (argument) {
            case "mask" -> function.equals("relative_attention") ? SHAPES.get("other") : SHAPES.get("mask");
            case "weight" -> function.equals("product") ? SHAPES.get("table") : SHAPES.get("weight");
            case "x" ->
                function.startsWith("attention") || function.startsWith("cross_attention")
                        ? new long[] {ROWS, LENGTH, H}
                        : new long[] {head ? PREDICTIONS : TOKENS, H};
            case "w1" -> new long[] {head ? H : INNER, H};
            case "b1" -> new long[] {head ? H : INNER};
            default -> SHAPES.get(argument);
        };
    }

    /** Names of the functions that Java calls, with the names of their arguments, as the source has them. */
    private static Map<String, List<String>> functions(String source) {
        Map<String, List<String>> functions = new TreeMap<>();
        Pattern.compile(
                        "(?m)^  def (attention_sum\\w*|cross_attention_sum\\w*|relative_attention|output_sum\\w*|predict|product|dropout|activated)\\(self: __torch__.Functions, (.*)\\) ->")
                .matcher(source)
                .results()
                .forEach(found -> functions.put(
                        found.group(1),
                        Arrays.stream(found.group(2).split(", "))
                                .map(one -> one.replace(": Tensor", ""))
                                .toList()));
        return functions;
    }

    /** A function that calls another one on arrays without values, goes backward, and gives the shape of its result. */
    private static String onMeta(String function, List<String> arguments) {
        StringBuilder code = new StringBuilder();
        code.append("  def meta_%s(self: __torch__.Functions, x0: Tensor) -> Tensor:\n".formatted(function));
        List<String> trained = new ArrayList<>();
        for (String argument : arguments) {
            String array = "torch.empty(%s, dtype=6, layout=0, device=torch.device(\"meta\"), pin_memory=False)"
                    .formatted(Arrays.toString(shape(function, argument)));
            boolean isTrained = !UNTRAINED.contains(argument);
            code.append("    a_%s = %s\n"
                    .formatted(argument, isTrained ? "torch.requires_grad_(" + array + ", True)" : array));
            if (isTrained) {
                trained.add("a_" + argument);
            }
        }
        String call = "(self).%s(%s, )"
                .formatted(
                        function,
                        String.join(
                                ", ", arguments.stream().map(one -> "a_" + one).toList()));
        code.append("    y = ").append(call).append('\n');
        code.append("    g = torch.grad([torch.sum(y)], [%s], None, None, False, False)\n"
                .formatted(String.join(", ", trained)));
        return code.append("    return torch.tensor([torch.size(y, 0), torch.size(y, 1)])\n")
                .toString();
    }

    private static long[] call(String source, String function) {
        try (NDManager manager = Devices.engine().newBaseManager(Device.cpu());
                TorchScript script = TorchScript.compile(manager, source)) {
            JniUtils.setGradMode(true);
            NDArray any = manager.ones(new Shape(1));
            return script.call(function, new NDList(any)).singletonOrThrow().toLongArray();
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, gelu, false", "BF16, gelu, false", "BF16, gelu_new, true", "FLOAT32, relu, true"})
    void everyFunction_looksAtNoValue_andItsShapesHold_at131072Tokens(
            Precision precision, String activation, boolean clipped) {
        TransformerShape shape = new TransformerShape(
                H, HEADS, activation, 0.1, 0.1, 1e-12, clipped ? new SoftmaxStretch(-0.025, 1) : SoftmaxStretch.NONE);
        String source = withoutPython(FusedKernels.source(shape, precision));
        Map<String, List<String>> functions = functions(source);
        assertThat(functions.keySet())
                .containsExactly(
                        "activated",
                        "attention_sum",
                        "attention_sum_causal",
                        "attention_sum_gated",
                        "attention_sum_masked",
                        "attention_sum_masked_gated",
                        "cross_attention_sum",
                        "cross_attention_sum_masked",
                        "dropout",
                        "output_sum",
                        "output_sum_dropped",
                        "predict",
                        "product",
                        "relative_attention");
        StringBuilder all = new StringBuilder(source);
        functions.forEach((name, arguments) -> all.append(onMeta(name, arguments)));
        for (String name : functions.keySet()) {
            long[] expected =
                    switch (name) {
                        case "predict", "product" -> new long[] {PREDICTIONS, VOCABULARY};
                        case "activated" -> new long[] {TOKENS, INNER};
                        default -> new long[] {TOKENS, H};
                    };
            assertThat(call(all.toString(), "meta_" + name)).as(name).containsExactly(expected);
        }
    }

    @Test
    void theLossForAGpu_looksAtNoValue_andTheOneForACpuDoes() {
        String logits = "torch.empty([%d, %d], dtype=6, layout=0, device=torch.device(\"meta\"), pin_memory=False)"
                .formatted(PREDICTIONS, VOCABULARY);
        String labels = "torch.empty([%d], dtype=4, layout=0, device=torch.device(\"meta\"), pin_memory=False)"
                .formatted(PREDICTIONS);
        StringBuilder all = new StringBuilder(withoutPython(CrossEntropy.FUNCTIONS));
        for (String function : List.of("gradient", "gradient_without_waiting")) {
            all.append(
                    """
                      def meta_FUNCTION(self: __torch__.Functions, x0: Tensor) -> Tensor:
                        loss, probs, = (self).FUNCTION(LOGITS, torch.softmax(LOGITS, 1), LABELS, )
                        return torch.tensor([torch.size(probs, 0), torch.size(probs, 1)])
                    """.replace("FUNCTION", function).replace("LOGITS", logits).replace("LABELS", labels));
        }
        assertThat(call(all.toString(), "meta_gradient_without_waiting")).containsExactly(PREDICTIONS, VOCABULARY);
        assertThatThrownBy(() -> call(all.toString(), "meta_gradient"))
                .hasMessageContaining("aten::_local_scalar_dense");
    }
}
