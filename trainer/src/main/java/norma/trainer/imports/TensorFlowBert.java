package norma.trainer.imports;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.MistakenContent;
import norma.datasets.json.JsonFile;
import norma.datasets.tokenizer.PublishedTokenizer;
import norma.datasets.tokenizer.TokenizerFiles;
import norma.trainer.bert.BertConfig;
import norma.trainer.blocks.ConfigJson;
import norma.trainer.safetensors.HostTensor;

/**
 * A BERT as Google published them: a TensorFlow checkpoint ({@code bert_model.ckpt}) or a SavedModel
 * ({@code variables/variables}), with {@code vocab.txt} and perhaps {@code bert_config.json}.
 */
final class TensorFlowBert {
    /** Of run_classifier.py, and of what others made of it. */
    private static final Set<String> CLASSIFIER = Set.of("output_weights", "output_bias");

    private final SourceFiles files;
    private final ImportOptions options;
    private final List<String> assumptions = new ArrayList<>();

    TensorFlowBert(SourceFiles files, ImportOptions options) {
        this.files = files;
        this.options = options;
    }

    /**
     * Reads the model.
     *
     * @param indexName the index's file among the files
     */
    ImportedModel read(String indexName) throws IOException {
        Map<String, byte[]> small = new TreeMap<>();
        files.forEach((name, in) -> {
            if (name.equals(indexName) || name.endsWith("bert_config.json") || TokenizerFiles.areIn(name)) {
                MistakenContent.refuseText(in, files.path() + ": " + name, "a file of a TensorFlow checkpoint");
                small.put(name, files.small(name, in));
            }
        });
        TensorBundle bundle = new TensorBundle(files.path() + ": " + indexName, small.get(indexName));
        Map<String, HostTensor> read = data(bundle, indexName.substring(0, indexName.length() - ".index".length()));
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        read.forEach((name, tensor) -> weights.put(huggingFaceName(name), transposed(name, tensor)));
        if (!weights.containsKey(BertShapes.WORDS)) {
            throw new InvalidInputException(
                    files.path() + ": no bert/embeddings/word_embeddings in " + indexName + ", expected a BERT");
        }
        ConfigJson given = null;
        byte[] configJson = find(small, "bert_config.json");
        if (configJson != null) {
            String place = files.path() + ": bert_config.json";
            given = new ConfigJson(JsonFile.parse(configJson, place).node(), place);
        }
        BertConfig config = new BertShapes(files.path().toString(), weights, options, assumptions).config(given);
        String source = files.path().toString();
        TokenizerFiles vocabulary = TokenizerFiles.in(source, small)
                .orElseThrow(() ->
                        new InvalidInputException(source + ": has no vocab.txt, expected the model's vocabulary"));
        PublishedTokenizer tokenizer = PublishedTokenizer.read(
                vocabulary, options.tokenizer(files.path().getFileName() + "/" + indexName));
        assumptions.addAll(tokenizer.assumptions());
        return new ImportedModel(
                "TensorFlow checkpoint", config, List.of(), Map.of(), weights, tokenizer, List.copyOf(assumptions));
    }

    private static byte[] find(Map<String, byte[]> small, String ending) {
        return small.entrySet().stream()
                .filter(file -> file.getKey().endsWith(ending))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private Map<String, HostTensor> data(TensorBundle bundle, String prefix) throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        boolean[] seen = new boolean[bundle.shards()];
        files.forEach((name, in) -> {
            for (int shard = 0; shard < seen.length; shard++) {
                if (name.equals(prefix + bundle.shardSuffix(shard))) {
                    seen[shard] = true;
                    String source = files.path() + ": " + name;
                    MistakenContent.refuseText(in, source, "a shard of a TensorFlow checkpoint");
                    tensors.putAll(bundle.read(source, in, shard, TensorFlowBert::isWeight));
                }
            }
        });
        for (int shard = 0; shard < seen.length; shard++) {
            if (!seen[shard]) {
                throw new InvalidInputException(files.path() + ": has no " + prefix + bundle.shardSuffix(shard)
                        + ", expected every shard of the index");
            }
        }
        return tensors;
    }

    /** The model's variables; what an optimiser or SavedModel keeps beside them is passed over. */
    private static boolean isWeight(String name) {
        String plain = withoutModule(name);
        return (plain.startsWith("bert/") || plain.startsWith("cls/") || CLASSIFIER.contains(plain))
                && !plain.endsWith("/adam_m")
                && !plain.endsWith("/adam_v")
                && !plain.contains("/Adam");
    }

    private static String withoutModule(String name) {
        return name.startsWith("module/") ? name.substring("module/".length()) : name;
    }

    private static String huggingFaceName(String name) {
        String plain =
                withoutModule(name).replaceAll("layer_(\\d+)", "layer.$1").replace('/', '.');
        return switch (plain) {
            case "cls.predictions.output_bias" -> "cls.predictions.bias";
            case "cls.seq_relationship.output_weights" -> "cls.seq_relationship.weight";
            case "cls.seq_relationship.output_bias" -> "cls.seq_relationship.bias";
            default ->
                plain.replaceAll("\\.gamma$", ".weight")
                        .replaceAll("\\.beta$", ".bias")
                        .replaceAll("\\.kernel$", ".weight")
                        .replaceAll("_embeddings$", "_embeddings.weight");
        };
    }

    /** Kernels are [in, out] in TensorFlow and [out, in] in PyTorch. */
    private static HostTensor transposed(String name, HostTensor tensor) {
        return name.endsWith("/kernel") && tensor.shape().length == 2 ? BertShapes.transpose(tensor) : tensor;
    }
}
