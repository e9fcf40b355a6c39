package norma.trainer.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What an architecture's tensors are called in Hugging Face's files.
 *
 * @param embeddings the embedding tables, that of the tokens first
 * @param heads the prefixes of each head's tensors
 * @param classifierOutput end of the name of the matrix whose rows are a classifier's outputs
 * @param ties copies that some files hold, and what they are copies of
 * @param buffers ends of names of arrays that some files hold although nothing is learned in them
 * @param canonical from the spelling of an older file, or of one without heads, to ours
 */
public record TensorNames(
        List<EmbeddingTable> embeddings,
        Map<Head, List<String>> heads,
        String classifierOutput,
        Map<String, String> ties,
        Set<String> buffers,
        UnaryOperator<String> canonical) {
    /**
     * An embedding table.
     *
     * @param title for figures
     * @param rows what its rows stand for
     * @param tensor its name
     */
    public record EmbeddingTable(String title, String rows, String tensor) {
        /** Of the tokens. */
        public static EmbeddingTable words(String tensor) {
            return new EmbeddingTable("word embeddings", "tokens", tensor);
        }

        /** Of the positions. */
        public static EmbeddingTable positions(String tensor) {
            return new EmbeddingTable("position embeddings", "positions", tensor);
        }

        /** Of the token types. */
        public static EmbeddingTable types(String tensor) {
            return new EmbeddingTable("token type embeddings", "types", tensor);
        }
    }

    public TensorNames {
        embeddings = List.copyOf(embeddings);
        heads = Map.copyOf(heads);
        ties = Map.copyOf(ties);
        buffers = Set.copyOf(buffers);
    }

    /** The table of the tokens. */
    public String wordEmbeddings() {
        return embeddings.get(0).tensor();
    }

    /** The head that a tensor belongs to; none for the network's below the heads. */
    public Optional<Head> headOf(String tensor) {
        return heads.entrySet().stream()
                .filter(head -> head.getValue().stream().anyMatch(tensor::startsWith))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Whether nothing is learned in an array of this name. */
    public boolean isBuffer(String tensor) {
        return buffers.stream().anyMatch(tensor::endsWith);
    }
}
