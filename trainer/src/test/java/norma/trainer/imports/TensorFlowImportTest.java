package norma.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.Casing;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.framework.DataType;

/** Tensor bundles of a small BERT, whole and damaged. The tokenizer needs its native library. */
@Tag("engine")
class TensorFlowImportTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String KEY = "bert/encoder/layer_0/attention/self/key/kernel";

    @TempDir
    Path folder;

    private ReferenceFolder golden;
    private Map<String, HostTensor> weights;
    private String vocabulary;
    private int heads;
    private ImportOptions headsGiven;
    private Path source;

    @BeforeEach
    void makeSource() throws IOException {
        golden = GoldenFixture.of("bert");
        weights = golden.weights();
        vocabulary = ImportFixtures.vocabulary(ImportFixtures.embeddings(golden));
        heads = golden.config().get("num_attention_heads").asInt();
        headsGiven = new ImportOptions(heads, Casing.FROM_SOURCE, false);
        source = Files.createDirectory(folder.resolve("uncased_small"));
        Files.writeString(source.resolve("vocab.txt"), vocabulary);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "module/"})
    void shardsWithAnOptimizersSlots_giveTheReferencesTensors(String prefix) throws IOException {
        BundleFixture.of(weights, prefix, 3).write(source, "bert_model.ckpt");
        ObjectNode record = ModelImport.run(source, folder.resolve("out"), headsGiven, false);
        ImportFixtures.requireSame(SafetensorsFile.readAll(folder.resolve("out/model.safetensors")), weights);
        ObjectNode expected = golden.config().deepCopy();
        ObjectNode config =
                (ObjectNode) MAPPER.readTree(folder.resolve("out/config.json").toFile());
        for (String unknown : new String[] { // what weights do not tell takes Hugging Face's defaults
            "initializer_range", "hidden_dropout_prob", "attention_probs_dropout_prob"
        }) {
            expected.remove(unknown);
            config.remove(unknown);
        }
        assertThat(config).isEqualTo(expected);
        assertThat(record.get("heads")).extracting(JsonNode::asText).contains("next_sentence");
    }

    @Test
    void zipInsideAJar_givesTheSame() throws IOException {
        BundleFixture.of(weights, "module/", 1).write(source, "variables");
        Path zip = folder.resolve("inner");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            put(out, "assets/vocab.txt", source.resolve("vocab.txt"));
            put(out, "variables/variables.data-00000-of-00001", source.resolve("variables.data-00000-of-00001"));
            put(out, "variables/variables.index", source.resolve("variables.index")); // behind its data
        }
        Path jar = folder.resolve("uncased.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            put(out, "some/folder/model-L-3", zip);
        }
        ModelImport.run(jar, folder.resolve("out"), headsGiven, false);
        ImportFixtures.requireSame(SafetensorsFile.readAll(folder.resolve("out/model.safetensors")), weights);

        Path cut = folder.resolve("cut.jar");
        byte[] whole = Files.readAllBytes(jar);
        Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));
        refused(cut, "cut.jar");
    }

    @Test
    void vocabularysCase_isAsTold_orByNameOrTokens_andWhatWasAssumedIsSaid() throws IOException {
        BundleFixture.of(weights, "", 1).write(source, "bert_model.ckpt");
        assertThat(firstToken(headsGiven, "Word7")).isEqualTo("word7");
        assertThat(firstToken(new ImportOptions(heads, Casing.CASED, false), "Word7"))
                .isEqualTo("[UNK]");
        Path cased = Files.move(source, folder.resolve("plain"));
        Files.writeString(cased.resolve("vocab.txt"), vocabulary.replaceFirst("word\\d+\n$", "London\n"));
        source = cased;
        assertThat(firstToken(headsGiven, "London")).isEqualTo("London");
        ObjectNode record = ModelImport.run(source, folder.resolve("told"), ImportOptions.NONE, false);
        int usual = Math.max(1, golden.config().get("hidden_size").asInt() / 64);
        assertThat(record.get("assumed").toString())
                .contains("num_attention_heads " + usual + ",", "a cased vocabulary, by its tok");
    }

    @Test
    void bertConfig_isTaken_andMustAgreeWithTheShapes() throws IOException {
        BundleFixture.of(weights, "", 1).write(source, "bert_model.ckpt");
        ObjectNode config = golden.config().deepCopy();
        MAPPER.writeValue(source.resolve("bert_config.json").toFile(), config);
        ModelImport.run(source, folder.resolve("out"), ImportOptions.NONE, false);
        assertThat(MAPPER.readTree(folder.resolve("out/config.json").toFile())).isEqualTo(config);

        int intermediate = config.get("intermediate_size").asInt();
        config.put("intermediate_size", intermediate + 16);
        MAPPER.writeValue(source.resolve("bert_config.json").toFile(), config);
        refused(source, "intermediate_size", "" + (intermediate + 16), "" + intermediate);
    }

    @Test
    void everyFlippedByteOfADataFile_isFoundAndItsTensorNamed() throws IOException {
        BundleFixture bundle = BundleFixture.of(weights, "", 1);
        bundle.write(source, "bert_model.ckpt");
        Path shard = bundle.shard(source, "bert_model.ckpt", 0);
        byte[] whole = Files.readAllBytes(shard);
        int found = 0;
        for (int at = 1; at < whole.length; at += whole.length / 12) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 16;
            Files.write(shard, damaged);
            try {
                ModelImport.run(source, folder.resolve("ok" + at), headsGiven, false);
                ImportFixtures.requireSame( // only where no weight lies: an optimiser's slot
                        SafetensorsFile.readAll(folder.resolve("ok" + at + "/model.safetensors")), weights);
            } catch (InvalidInputException e) {
                assertThat(e).hasMessageMatching(".*tensor (bert|cls)/\\S+: found data of CRC32C .*");
                found++;
            }
        }
        assertThat(found).isGreaterThanOrEqualTo(8);
    }

    @Test
    void everyFlippedByteOfTheIndexsBlocks_isFound() throws IOException {
        BundleFixture.of(weights, "", 1).write(source, "bert_model.ckpt");
        Path index = source.resolve("bert_model.ckpt.index");
        byte[] whole = Files.readAllBytes(index);
        for (int at = 0; at < whole.length - 48; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            assertThatThrownBy(() -> new TensorBundle("x.index", damaged))
                    .as("byte %d", at)
                    .isInstanceOf(InvalidInputException.class);
        }
        for (int at = whole.length - 48; at < whole.length; at++) { // the footer has no checksum, and ends in padding
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = whole.clone();
                damaged[at] ^= (byte) (1 << bit);
                try {
                    assertThat(new TensorBundle("x.index", damaged).names())
                            .containsExactlyElementsOf(new TensorBundle("x.index", whole).names());
                } catch (InvalidInputException e) {
                    assertThat(e).hasMessageContaining("x.index");
                }
            }
        }
        Files.write(index, java.util.Arrays.copyOf(whole, whole.length - 9));
        refused(source, "bert_model.ckpt.index", "not a whole TensorFlow index");
    }

    @Test
    void truncatedShard_andOneThatIsMissing_areNamed() throws IOException {
        BundleFixture bundle = BundleFixture.of(weights, "", 2);
        bundle.write(source, "bert_model.ckpt");
        Path shard = bundle.shard(source, "bert_model.ckpt", 1);
        byte[] whole = Files.readAllBytes(shard);
        Files.write(shard, java.util.Arrays.copyOf(whole, whole.length - 1));
        refused(source, "bert_model.ckpt.data-00001-of-00002", "tensor ", "the end of the file");
        Files.delete(shard);
        refused(source, "has no bert_model.ckpt.data-00001-of-00002");
    }

    @Test
    void indexThatLies_isRefused() throws IOException {
        lie(entry -> entry.setOffset(1L << 40), KEY, "the end of the file");
        lie(entry -> entry.setOffset(-8), KEY, "offset -8");
        int hidden = golden.config().get("hidden_size").asInt();
        lie(entry -> entry.setSize(12), KEY, "12 bytes", "[" + hidden + ", " + hidden + "]");
        lie(entry -> entry.setSize(Long.MAX_VALUE), KEY, "the size of float32");
        lie(entry -> entry.setDtype(DataType.DT_HALF), KEY, "DT_HALF");
        lie(entry -> entry.setShardId(7), "bert.encoder.layer.0.attention.self.key.weight", "none");
        BundleFixture bundle = BundleFixture.of(weights, "", 1);
        bundle.claimSnappy();
        bundle.write(source, "bert_model.ckpt");
        refused(source, "compressed");
    }

    @Test
    void missingVocabulary_isSaid() throws IOException {
        BundleFixture.of(weights, "", 1).write(source, "bert_model.ckpt");
        Files.delete(source.resolve("vocab.txt"));
        refused(source, "has no vocab.txt");
    }

    @Test
    void bundleOfSomethingElse_isNoBert() throws IOException {
        BundleFixture bundle = new BundleFixture(1);
        bundle.add("resnet/conv1/kernel", new HostTensor(new long[] {2}, new float[] {1, 2}), 0);
        bundle.write(source, "bert_model.ckpt");
        refused(source, "expected a BERT");
    }

    private void lie(
            java.util.function.UnaryOperator<org.tensorflow.util.BundleEntryProto.Builder> change, String... parts)
            throws IOException {
        BundleFixture bundle = BundleFixture.of(weights, "", 1);
        bundle.lie(KEY, change);
        bundle.write(source, "bert_model.ckpt");
        refused(source, parts);
    }

    private void refused(Path from, String... parts) {
        assertThatThrownBy(() -> ModelImport.run(from, folder.resolve("refused"), headsGiven, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(parts);
        assertThat(folder.resolve("refused")).doesNotExist();
    }

    private String firstToken(ImportOptions options, String text) throws IOException {
        Path target = Files.createTempDirectory(folder, "cased").resolve("out");
        ModelImport.run(source, target, options, false);
        try (Tokenizer tokenizer = Tokenizer.load(target.resolve("tokenizer.json"))) {
            return tokenizer.token(tokenizer.encode(java.util.List.of(text)).get(0)[0]);
        }
    }

    private static void put(ZipOutputStream zip, String name, Path file) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        Files.copy(file, (OutputStream) zip);
        zip.closeEntry();
    }
}
