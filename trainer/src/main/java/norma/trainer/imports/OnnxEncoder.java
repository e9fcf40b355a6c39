package norma.trainer.imports;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.MistakenContent;
import norma.datasets.tokenizer.PublishedTokenizer;
import norma.datasets.tokenizer.TokenizerFiles;
import norma.trainer.bert.BertConfig;
import norma.trainer.safetensors.HostTensor;

/**
 * A BERT encoder exported to ONNX from PyTorch. Embeddings, LayerNorms and biases keep their Hugging Face names there;
 * the matrix of a product is [in, out] and has a number for a name, so it is known by the bias that is added behind it.
 */
final class OnnxEncoder {
    private static final int LONGEST = Integer.MAX_VALUE - 8; // a protocol buffer's limit
    /** What names begin with that are those of Hugging Face's classes with a head, and not of its BertModel. */
    private static final List<String> HEADS = List.of("cls.", "classifier.", "qa_outputs.");

    private final SourceFiles files;
    private final ImportOptions options;
    private final List<String> assumptions = new ArrayList<>();
    private final Map<String, HostTensor> tensors = new LinkedHashMap<>();
    private String source = "";

    OnnxEncoder(SourceFiles files, ImportOptions options) {
        this.files = files;
        this.options = options;
    }

    ImportedModel read(String name) throws IOException {
        source = files.path().endsWith(name) ? files.path().toString() : files.path() + ": " + name;
        Map<String, byte[]> read = new TreeMap<>();
        files.forEach((file, in) -> {
            if (file.equals(name) || TokenizerFiles.areIn(file)) {
                MistakenContent.refuseText(in, files.path() + ": " + file, "a file of an ONNX model");
                read.put(file, file.equals(name) ? files.whole(file, in, LONGEST) : files.small(file, in));
            }
        });
        OnnxMl.GraphProto graph = graph(read.remove(name));
        for (OnnxMl.TensorProto tensor : graph.getInitializerList()) {
            if (tensor.getDataType() == OnnxMl.TensorProto.DataType.FLOAT.getNumber()) {
                tensors.put(tensor.getName(), floats(tensor));
            }
        }
        requireBert(graph);
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        tensors.forEach((tensor, values) -> {
            if (tensor.endsWith(".weight") || tensor.endsWith(".bias")) {
                weights.put(huggingFaceName(tensor), values);
            }
        });
        matrices(graph).forEach((tensor, values) -> weights.put(huggingFaceName(tensor), values));
        if (!weights.containsKey(BertShapes.WORDS)) {
            throw InvalidInputException.of(
                    source, "initializers", "none called embeddings.word_embeddings.weight", "a BERT encoder");
        }
        Scalars scalars = new Scalars(graph);
        long[] words = weights.get(BertShapes.WORDS).shape();
        if (words.length != 2) {
            throw InvalidInputException.of(source, "tensor " + BertShapes.WORDS, "no matrix", "a matrix");
        }
        int hidden = Math.toIntExact(words[1]);
        ImportOptions known = options.withHeads(heads(graph, scalars, hidden));
        BertConfig shape = new BertShapes(source, weights, known, assumptions).config(null);
        TokenizerFiles vocabulary = TokenizerFiles.in(files.path().toString(), read)
                .orElseThrow(() -> new InvalidInputException(
                        files.path() + ": has no tokenizer.json or vocab.txt, expected the model's tokenizer"));
        PublishedTokenizer tokenizer = PublishedTokenizer.read(
                vocabulary, options.tokenizer(files.path().getFileName() + "/" + name));
        assumptions.addAll(tokenizer.assumptions());
        return new ImportedModel(
                "ONNX encoder",
                shape.withLayerNormEps(epsilon(graph, scalars)),
                List.of(),
                Map.of(),
                weights,
                tokenizer,
                List.copyOf(assumptions));
    }

    private OnnxMl.GraphProto graph(byte[] bytes) {
        try {
            return OnnxMl.ModelProto.parseFrom(bytes).getGraph();
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidInputException(source + ": not an ONNX model: " + e.getMessage(), e);
        }
    }

    /** What names and shapes do not tell: other positions, another activation, matrices the other way round. */
    private void requireBert(OnnxMl.GraphProto graph) {
        boolean erf = false;
        for (OnnxMl.NodeProto node : graph.getNodeList()) {
            String operator = node.getOpType();
            erf |= operator.equals("Erf") || operator.equals("Gelu");
            if (operator.equals("CumSum")) { // RoBERTa's names are BERT's
                throw InvalidInputException.of(
                        source, "operator", "CumSum: positions that are counted as RoBERTa does", "a BERT encoder");
            }
            boolean turned =
                    node.getAttributeList().stream().anyMatch(a -> a.getName().equals("transB") && a.getI() == 1);
            if (operator.equals("Gemm") && !turned && input(node, 1).endsWith(".weight")) {
                throw InvalidInputException.of(
                        source, "operator Gemm of " + input(node, 1), "[in, out]", "transB 1, as PyTorch exports it");
            }
            for (OnnxMl.AttributeProto attribute : node.getAttributeList()) {
                if (operator.equals("Gelu") && attribute.getS().toStringUtf8().equals("tanh")) {
                    throw InvalidInputException.of(source, "operator Gelu", "tanh", "BERT's gelu, of erf");
                }
            }
        }
        if (!graph.getInitializerList().isEmpty() && !erf) {
            throw InvalidInputException.of(source, "operators", "none called Erf or Gelu", "a BERT encoder with gelu");
        }
    }

    private static String huggingFaceName(String name) {
        return HEADS.stream().anyMatch(name::startsWith) || name.startsWith("bert.") ? name : "bert." + name;
    }

    /** Matrices by the name that goes with the bias added behind their product, turned to [out, in]. */
    private Map<String, HostTensor> matrices(OnnxMl.GraphProto graph) {
        Map<String, String> matrixOf = new LinkedHashMap<>(); // product's output -> matrix
        for (OnnxMl.NodeProto node : graph.getNodeList()) {
            String operator = node.getOpType();
            if (operator.contains("Integer") || operator.contains("Quantize")) {
                throw InvalidInputException.of(source, "operator", operator, "float32 weights, not quantised ones");
            }
            if (operator.equals("MatMul") && tensors.containsKey(input(node, 1))) {
                matrixOf.put(output(node), input(node, 1));
            }
        }
        Map<String, HostTensor> matrices = new LinkedHashMap<>();
        for (OnnxMl.NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("Add")) {
                for (int i = 0; i < 2; i++) {
                    String matrix = matrixOf.get(input(node, i));
                    String bias = input(node, 1 - i);
                    if (matrix != null && bias.endsWith(".bias") && tensors.containsKey(bias)) {
                        matrices.put(bias.replaceAll("\\.bias$", ".weight"), turned(matrix));
                    }
                }
            }
        }
        return matrices;
    }

    private HostTensor turned(String matrix) {
        HostTensor tensor = tensors.get(matrix);
        if (tensor.shape().length != 2) {
            throw InvalidInputException.of(
                    source, "tensor " + matrix, "shape " + Arrays.toString(tensor.shape()), "a matrix");
        }
        return BertShapes.transpose(tensor);
    }

    /** What a node reads; every operator that is looked at here has it. */
    private String input(OnnxMl.NodeProto node, int index) {
        if (node.getInputCount() <= index) {
            int inputs = node.getInputCount();
            throw incomplete(node, inputs + (inputs == 1 ? " input" : " inputs"), "at least " + (index + 1));
        }
        return node.getInput(index);
    }

    private String output(OnnxMl.NodeProto node) {
        if (node.getOutputCount() == 0) {
            throw incomplete(node, "no output", "one");
        }
        return node.getOutput(0);
    }

    private InvalidInputException incomplete(OnnxMl.NodeProto node, String found, String expected) {
        String name = node.getName().isEmpty() ? "that reads " + node.getInputList() : node.getName();
        return InvalidInputException.of(source, "node " + name + " (" + node.getOpType() + ")", found, expected);
    }

    /** Scores are divided by the root of a head's width. */
    private int heads(OnnxMl.GraphProto graph, Scalars scalars, int hidden) {
        for (OnnxMl.NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("Div") && scalars.isMade(input(node, 0), "MatMul")) {
                Float divisor = scalars.value(input(node, 1));
                long width = divisor == null ? 0 : Math.round((double) divisor * divisor);
                if (width > 0 && hidden % width == 0) {
                    return (int) (hidden / width);
                }
            }
        }
        if (options.heads() == 0) {
            throw InvalidInputException.of(
                    source,
                    "attention",
                    "no scores divided by a constant",
                    "the number of heads given, which this graph does not tell");
        }
        return options.heads();
    }

    /** The LayerNorm's epsilon is a constant that is added before a root, or an attribute of the operator. */
    private double epsilon(OnnxMl.GraphProto graph, Scalars scalars) {
        Float epsilon = null;
        for (OnnxMl.NodeProto node : graph.getNodeList()) {
            OnnxMl.NodeProto maker = node.getOpType().equals("Sqrt") ? scalars.maker(input(node, 0)) : null;
            if (maker != null && maker.getOpType().equals("Add")) {
                Float second = scalars.value(input(maker, 1));
                epsilon = second == null ? scalars.value(input(maker, 0)) : second;
            }
            for (OnnxMl.AttributeProto attribute : node.getAttributeList()) {
                if (node.getOpType().equals("LayerNormalization")
                        && attribute.getName().equals("epsilon")) {
                    epsilon = attribute.getF();
                }
            }
        }
        if (epsilon == null) {
            throw InvalidInputException.of(source, "LayerNorm", "no epsilon in the graph", "a BERT encoder");
        }
        return Double.parseDouble(epsilon.toString());
    }

    /** Who makes which value, and the values that are one constant number. */
    private final class Scalars {
        private final Map<String, Float> constants = new LinkedHashMap<>();
        private final Map<String, OnnxMl.NodeProto> makers = new LinkedHashMap<>();

        Scalars(OnnxMl.GraphProto graph) {
            tensors.forEach(this::keep);
            for (OnnxMl.NodeProto node : graph.getNodeList()) {
                node.getOutputList().forEach(output -> makers.put(output, node));
                if (node.getOpType().equals("Constant")) {
                    constant(node);
                }
            }
        }

        private void constant(OnnxMl.NodeProto node) {
            if (node.getAttributeCount() == 0) {
                throw incomplete(node, "no attribute", "its value");
            }
            OnnxMl.TensorProto value = node.getAttribute(0).getT();
            if (value.getDataType() == OnnxMl.TensorProto.DataType.FLOAT.getNumber()) {
                keep(output(node), floats(value));
            }
        }

        private void keep(String name, HostTensor tensor) {
            if (tensor.values().length == 1) {
                constants.put(name, tensor.values()[0]);
            }
        }

        Float value(String name) {
            return constants.get(name);
        }

        OnnxMl.NodeProto maker(String name) {
            return makers.get(name);
        }

        boolean isMade(String name, String operator) {
            return makers.containsKey(name) && makers.get(name).getOpType().equals(operator);
        }
    }

    private HostTensor floats(OnnxMl.TensorProto tensor) {
        long[] shape = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
        float[] values;
        if (tensor.getRawData().size() % Float.BYTES != 0) {
            throw InvalidInputException.of(
                    source,
                    "tensor " + tensor.getName(),
                    tensor.getRawData().size() + " bytes",
                    "whole float32 numbers");
        }
        if (tensor.getRawData().isEmpty()) {
            values = new float[tensor.getFloatDataCount()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.getFloatData(i);
            }
        } else {
            FloatBuffer raw = tensor.getRawData()
                    .asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer();
            values = new float[raw.remaining()];
            raw.get(values);
        }
        try {
            return new HostTensor(shape, values);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw InvalidInputException.of(
                    source,
                    "tensor " + tensor.getName(),
                    values.length + " values",
                    "those of its shape, " + Arrays.toString(shape));
        }
    }
}
