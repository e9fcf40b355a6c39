package norma.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.LanguageModelScore;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published BERT-base-uncased against figures that another implementation computed from the same file. */
@Tag("run")
class BertBaseImportTest {
    private static final double AGREEMENT = 1e-3; // asked of every figure

    @TempDir
    static Path folder;

    private static Path imported;
    private static ObjectNode record;

    @BeforeAll
    static void importJar() {
        Path jar = PublishedModel.require(PublishedModel.BERT_BASE_UNCASED);
        imported = folder.resolve("bert-base-uncased");
        record = ModelImport.run(jar, imported, ImportOptions.NONE, false);
    }

    @Test
    void jarHolds204TensorsAnd110MillionParameters_withPoolerAndMaskedLmHead() throws IOException {
        assertThat(record.get("tensors").asInt()).isEqualTo(5 + 12 * 16 + 2 + 5);
        assertThat(record.get("parameters").asLong()).isEqualTo(110_104_890);
        assertThat(record.get("heads")).extracting(JsonNode::asText).containsExactly("pooler", "language_model");
        JsonNode config =
                new ObjectMapper().readTree(imported.resolve("config.json").toFile());
        assertThat(config.at("/architectures/0").asText()).isEqualTo("BertForMaskedLM");
        assertThat(config.get("num_attention_heads").asInt()).isEqualTo(12);
        assertThat(config.get("layer_norm_eps").asDouble()).isEqualTo(1e-12);
    }

    @Test
    void tokenizer_givesThePublishedIds() {
        try (Tokenizer tokenizer = Tokenizer.load(imported.resolve("tokenizer.json"))) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(30522);
            assertThat(tokenizer.encode(List.of("Hello, world!")).get(0)).containsExactly(7592, 1010, 2088, 999);
            assertThat(tokenizer.clsId()).isEqualTo(101);
            assertThat(tokenizer.maskId()).isEqualTo(103);
        }
    }

    @Test
    void papersRule_findsExactly308And381() {
        try (PretrainedModel bert = PretrainedModel.open(imported, Device.cpu())) {
            var found = OutlierRule.PAPER.apply(bert.layerNorms(), new SnapshotLayout(bert.layerNormSites()));
            assertThat(found).extracting(d -> d.dimension()).containsExactly(308, 381);
            assertThat(found).extracting(d -> d.sites().size()).containsExactly(8, 7);
        }
    }

    @Test
    void maskedLmFigures_equalTheReference_fullAndWithoutDimensions() throws IOException {
        Path reference = Path.of(System.getProperty("norma.root", ".."))
                .resolve(System.getProperty("norma.bert-base", "../shared/bert-base"))
                .normalize();
        assumeTrue(Files.isDirectory(reference), "skipped: no " + reference + " (-Dnorma.bert-base=FOLDER)");
        JsonNode expected =
                new ObjectMapper().readTree(reference.resolve("expected.json").toFile());
        List<Batch> batches = batches(reference.resolve("wikitext2-mlm.safetensors"));
        try (PretrainedModel bert = PretrainedModel.open(imported, Device.cpu())) {
            requireFigures(bert, batches, expected.get("full"));
            for (int layer = 0; layer < 12; layer++) {
                for (String part : List.of("weight", "bias")) {
                    String name = "bert.encoder.layer." + layer + ".output.LayerNorm." + part;
                    float[] values = bert.parameter(name);
                    values[308] = 0;
                    values[381] = 0;
                    bert.setParameter(name, values);
                }
            }
            requireFigures(bert, batches, expected.get("output_layernorm_308_381"));
        }
    }

    private static void requireFigures(PretrainedModel bert, List<Batch> batches, JsonNode expected) {
        LanguageModelScore score = LanguageModelScore.NONE;
        for (Batch batch : batches) {
            try (BatchState state = bert.advance(batch, 0)) {
                score = score.plus(bert.score(state));
            }
        }
        assertThat(score.predictions()).isEqualTo(expected.get("predictions").asLong());
        assertThat(score.loss()).isCloseTo(expected.get("loss").asDouble(), within(AGREEMENT));
        assertThat(score.accuracy()).isCloseTo(expected.get("accuracy").asDouble(), within(AGREEMENT));
    }

    private static List<Batch> batches(Path file) throws IOException {
        try (SafetensorsFile in = SafetensorsFile.open(file)) {
            int length = (int) in.shape("input_ids")[1];
            int[] ids = ints(in.readLongs("input_ids"));
            int[] labels = ints(in.readLongs("labels"));
            int size = 8 * length;
            return IntStream.range(0, ids.length / size)
                    .mapToObj(i -> {
                        int[] part = Arrays.copyOfRange(labels, i * size, (i + 1) * size);
                        int[] positions = IntStream.range(0, size)
                                .filter(at -> part[at] != -100)
                                .toArray();
                        int[] lengths = new int[8];
                        Arrays.fill(lengths, length);
                        return new Batch(
                                8,
                                length,
                                Arrays.copyOfRange(ids, i * size, (i + 1) * size),
                                new int[size],
                                lengths,
                                positions,
                                Arrays.stream(positions).map(at -> part[at]).toArray(),
                                null);
                    })
                    .toList();
        }
    }

    private static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }
}
