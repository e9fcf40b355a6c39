package norma.trainer.imports;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import norma.trainer.safetensors.HostTensor;

/** Writes a BERT encoder as PyTorch exports one to ONNX: those of its nodes that an import reads. */
public final class OnnxFixture {
    private final OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder();

    private OnnxFixture() {}

    /**
     * The file.
     *
     * @param weights by Hugging Face name; heads are left out
     * @param headWidth hidden size divided by the number of heads
     * @param epsilon of the LayerNorms
     */
    public static byte[] of(Map<String, HostTensor> weights, int headWidth, float epsilon) {
        OnnxFixture fixture = new OnnxFixture();
        weights.forEach((name, tensor) -> {
            boolean encoder = name.startsWith("bert.encoder.") || name.startsWith("bert.embeddings.");
            if (encoder) {
                fixture.add(name.substring("bert.".length()), tensor);
            }
        });
        fixture.constant("root", (float) Math.sqrt(headWidth));
        fixture.node("MatMul", "scores", "queries", "keys");
        fixture.node("Div", "scaled", "scores", "root");
        fixture.constant("epsilon", epsilon);
        fixture.node("Add", "shifted", "variance", "epsilon");
        fixture.node("Sqrt", "deviation", "shifted");
        fixture.node("Erf", "error", "deviation");
        return OnnxMl.ModelProto.newBuilder().setGraph(fixture.graph).build().toByteArray();
    }

    /** A matrix of a product is turned and has a number for a name; it is known by the bias behind it. */
    private void add(String name, HostTensor tensor) {
        boolean product = tensor.shape().length == 2 && !name.startsWith("embeddings.");
        if (!product) {
            graph.addInitializer(tensor(name, tensor));
            return;
        }
        String number = "onnx::MatMul_" + graph.getInitializerCount();
        graph.addInitializer(tensor(number, BertShapes.transpose(tensor)));
        node("MatMul", "product_" + number, "states", number);
        node("Add", "sum_" + number, name.replaceAll("weight$", "bias"), "product_" + number);
    }

    private void node(String operator, String output, String... inputs) {
        graph.addNode(OnnxMl.NodeProto.newBuilder()
                .setName("/" + output)
                .setOpType(operator)
                .addAllInput(Arrays.asList(inputs))
                .addOutput(output));
    }

    private void constant(String output, float value) {
        HostTensor scalar = new HostTensor(new long[] {}, new float[] {value});
        graph.addNode(OnnxMl.NodeProto.newBuilder()
                .setName("/" + output)
                .setOpType("Constant")
                .addAttribute(
                        OnnxMl.AttributeProto.newBuilder().setName("value").setT(tensor("", scalar)))
                .addOutput(output));
    }

    private static OnnxMl.TensorProto.Builder tensor(String name, HostTensor tensor) {
        ByteBuffer bytes =
                ByteBuffer.allocate(Float.BYTES * tensor.values().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensor.values());
        OnnxMl.TensorProto.Builder proto = OnnxMl.TensorProto.newBuilder()
                .setName(name)
                .setDataType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                .setRawData(ByteString.copyFrom(bytes));
        Arrays.stream(tensor.shape()).forEach(proto::addDims);
        return proto;
    }
}
