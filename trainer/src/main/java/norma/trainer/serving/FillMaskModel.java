package norma.trainer.serving;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.repository.zoo.ZooModel;
import java.nio.file.Path;
import java.util.OptionalInt;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.architectures.Architectures;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.checkpoint.Manifest;
import norma.trainer.device.Devices;
import norma.trainer.model.Head;
import norma.trainer.model.InputTables;
import norma.trainer.model.ModelConfig;
import norma.trainer.pretrained.MissingHead;
import norma.trainer.pretrained.PretrainedFolder;

/**
 * A checkpoint folder as a DJL model that fills masks: text with one {@code [MASK]} in, the likeliest tokens out. The
 * block is {@link VocabularyBlock}, in Java; there is no TorchScript file, so DJL's {@code Criteria} cannot find it.
 *
 * <p>One thread uses a predictor; as many predictors as there are threads share the model's weights. Closing the model
 * frees the weights and the tokenizer.
 */
public final class FillMaskModel extends ZooModel<String, Classifications> {
    private final Tokenizer tokenizer;

    private FillMaskModel(Model model, FillMaskTranslator translator, Tokenizer tokenizer) {
        super(model, translator);
        this.tokenizer = tokenizer;
    }

    /**
     * Opens a checkpoint folder: {@code config.json}, {@code model.safetensors} and {@code tokenizer.json}.
     *
     * @param device where to compute
     * @param count how many tokens a prediction lists
     * @throws InvalidInputException if a file is missing or damaged, the model has no masked-LM head, or {@code count}
     *     is not between 1 and the vocabulary's size
     */
    @PublicApi
    public static FillMaskModel open(Path folder, Device device, int count) {
        Manifest.requireWhole(folder);
        Path tokenizerFile = new CheckpointFiles(folder).tokenizer();
        Tokenizer tokenizer = Tokenizer.load(tokenizerFile);
        Devices.engine();
        Model model = Model.newInstance(folder.getFileName().toString(), device, "PyTorch");
        try {
            PretrainedFolder.Contents contents = PretrainedFolder.read(folder, model.getNDManager());
            if (!contents.heads().contains(Head.LANGUAGE_MODEL)) {
                throw MissingHead.of(folder, contents.heads(), Head.LANGUAGE_MODEL, "to fill masks with");
            }
            ModelConfig config = contents.config();
            requireCount(count, config.vocabSize());
            InputTables tables = new InputTables(folder.toString(), config);
            tables.requireVocabulary(tokenizerFile.toString(), tokenizer.vocabularySize());
            OptionalInt asked =
                    Architectures.of(config).standardObjective(contents.heads()).hidesByOrder()
                            ? tokenizer.id(SpecialToken.MASK)
                            : OptionalInt.empty();
            model.setBlock(new VocabularyBlock(contents, tables, model.getNDManager(), asked));
            return new FillMaskModel(
                    model,
                    new FillMaskTranslator(
                            tokenizer, Architectures.of(config).sequences(), config.longestSequence(), count),
                    tokenizer);
        } catch (RuntimeException e) {
            model.close();
            tokenizer.close();
            throw e;
        }
    }

    private static void requireCount(int count, int vocabulary) {
        if (count < 1 || count > vocabulary) {
            throw new InvalidInputException(
                    "count: found " + count + ", expected 1 to " + vocabulary + ", the vocabulary's size");
        }
    }

    @PublicApi
    @Override
    public void close() {
        super.close();
        tokenizer.close();
    }
}
