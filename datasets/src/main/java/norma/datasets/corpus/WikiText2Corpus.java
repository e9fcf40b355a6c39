package norma.datasets.corpus;

import ai.djl.basicdataset.nlp.WikiText2;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.InvalidInputException;

/** The training split of WikiText-2 (Merity et al. 2016) from DJL's repository: needs the internet the first time. */
record WikiText2Corpus() implements Corpus {
    @Override
    public Documents open() {
        return new TextCorpus.FileDocuments(List.of(file()), true);
    }

    @Override
    public String fingerprint() {
        return "wikitext-2 train\n" + InputFiles.fingerprint(List.of(file()));
    }

    private static Path file() {
        try {
            WikiText2 dataset =
                    WikiText2.builder().optUsage(Dataset.Usage.TRAIN).build();
            dataset.prepare();
            return dataset.getData();
        } catch (IOException | TranslateException | RuntimeException e) {
            throw new InvalidInputException(
                    "data.corpus: wikitext-2 is fetched from DJL's repository, which cannot be reached ("
                            + e.getMessage() + "); use corpus: text with files of your own, or corpus: wordnet",
                    e);
        }
    }
}
