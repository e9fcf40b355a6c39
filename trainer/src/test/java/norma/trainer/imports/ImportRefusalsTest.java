package norma.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that are not imported, targets that are not replaced, and what is left of an import that failed. */
@Tag("unit")
class ImportRefusalsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String WORDS = "bert.embeddings.word_embeddings.weight";

    @TempDir
    Path folder;

    @Test
    void decoderThatIsNotTied_isRefused() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> weights = golden.weights();
        float[] other = weights.get(WORDS).values().clone();
        other[5] += 1;
        weights.put(
                "cls.predictions.decoder.weight",
                new HostTensor(weights.get(WORDS).shape(), other));
        refused(ImportFixtures.source(folder, golden, weights), "cls.predictions.decoder.weight", "those of " + WORDS);
    }

    @Test
    void shapeThatContradictsTheConfig_isRefusedByName() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> weights = golden.weights();
        String name = "bert.encoder.layer.0.intermediate.dense.weight";
        HostTensor whole = weights.get(name);
        long[] flat = {whole.values().length};
        weights.put(name, new HostTensor(flat, whole.values()));
        refused(
                ImportFixtures.source(folder, golden, weights),
                name,
                "shape " + Arrays.toString(flat),
                Arrays.toString(whole.shape()));
    }

    @Test
    void tensorThatIsMissing_andOneTooMany_areRefusedByName() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> weights = golden.weights();
        HostTensor bias = weights.remove("bert.encoder.layer.0.output.dense.bias");
        refused(ImportFixtures.source(folder, golden, weights), "bert.encoder.layer.0.output.dense.bias", "none");

        weights.put("bert.encoder.layer.0.output.dense.bias", bias);
        weights.put("crf.transitions", bias);
        Files.delete(folder.resolve("source/model.safetensors"));
        SafetensorsWriter.write(folder.resolve("source/model.safetensors"), weights, Map.of());
        refused(folder.resolve("source"), "crf.transitions", "no tensor of that name");
    }

    @Test
    void shardThatLacksATensorOfTheIndex_isRefused() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.copy(golden.folder().resolve("config.json"), source.resolve("config.json"));
        ImportFixtures.shards(source, golden.weights());
        ObjectNode index = (ObjectNode)
                MAPPER.readTree(source.resolve("model.safetensors.index.json").toFile());
        index.withObject("/weight_map").put("bert.pooler.dense.bias", "model-00003-of-00003.safetensors");
        MAPPER.writeValue(source.resolve("model.safetensors.index.json").toFile(), index);
        refused(source, "index.json", "bert.pooler.dense.bias", "model-00003-of-00003.safetensors");
        index.withObject("/weight_map").remove("bert.pooler.dense.bias");
        index.withObject("/weight_map").put("cls.more", "model-00001-of-00002.safetensors");
        MAPPER.writeValue(source.resolve("model.safetensors.index.json").toFile(), index);
        refused(source, "model-00001-of-00002.safetensors", "cls.more", "none");
    }

    @Test
    void anArchitectureThatIsNotThere_isNamedWithThoseThatAre() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = ImportFixtures.source(folder, golden, golden.weights());
        ObjectNode config = golden.config().deepCopy();
        config.put("model_type", "t5");
        Files.writeString(source.resolve("config.json"), config.toString());
        refused(source, "model_type", "t5", "expected one of bert");
    }

    @Test
    void vocabularyLargerThanTheEmbeddings_isRefused() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = ImportFixtures.source(folder, golden, golden.weights());
        int embeddings = ImportFixtures.embeddings(golden);
        Files.writeString(source.resolve("vocab.txt"), ImportFixtures.vocabulary(embeddings + 1));
        refused(source, "vocabulary", (embeddings + 1) + " tokens", "at most the " + embeddings + " embeddings");
    }

    @Test
    void folderWithoutAModel_andNoFolderAtAll_areRefused() throws IOException {
        refused(Files.createDirectory(folder.resolve("empty")), "empty", "found none", "config.json");
        refused(folder.resolve("nothing"), "nothing: no such file or folder");
    }

    @Test
    void existingTarget_isReplacedOnlyWithForce_andOnlyIfAnImportMadeIt() throws IOException {
        Path source = GoldenFixture.of("bert").folder();
        Path target = folder.resolve("out");
        ModelImport.run(source, target, ImportOptions.NONE, false);
        refused(source, "exists", "expected a new folder");
        Files.writeString(target.resolve("note.txt"), "old");
        ModelImport.run(source, target, ImportOptions.NONE, true);
        assertThat(target.resolve("note.txt")).doesNotExist();
        assertThat(folder).isDirectoryContaining("glob:**/out").isDirectoryNotContaining("glob:**/.*");

        Path precious = Files.createDirectory(folder.resolve("precious"));
        Files.writeString(precious.resolve("thesis.tex"), "everything");
        assertThatThrownBy(() -> ModelImport.run(source, precious, ImportOptions.NONE, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no import made");
        assertThat(precious.resolve("thesis.tex")).hasContent("everything");
    }

    @Test
    void failedImport_leavesNothingBehind_andTheOldOneInPlace() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path target = folder.resolve("out");
        ModelImport.run(golden.folder(), target, ImportOptions.NONE, false);
        byte[] before = Files.readAllBytes(target.resolve("model.safetensors"));
        Map<String, HostTensor> weights = golden.weights();
        weights.remove(WORDS);
        Path broken = ImportFixtures.source(folder, golden, weights);
        assertThatThrownBy(() -> ModelImport.run(broken, target, ImportOptions.NONE, true))
                .isInstanceOf(InvalidInputException.class);
        assertThat(Files.readAllBytes(target.resolve("model.safetensors"))).isEqualTo(before);
        assertThat(folder).isDirectoryNotContaining("glob:**/.*");
    }

    private void refused(Path source, String... parts) {
        Path target = folder.resolve("out");
        assertThatThrownBy(() -> ModelImport.run(source, target, ImportOptions.NONE, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(parts);
    }
}
