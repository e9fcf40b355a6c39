package norma.trainer.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What an architecture's tensors are called in Hugging Face's files.
 *
 * @param embeddings the embedding tables, that of the tokens first
 * @param heads the prefixes of each head's tensors; none for a head that is the word embeddings alone
 * @param onPooler those heads that read the pooler, and are nothing without it
 * @param otherHeads heads of Hugging Face's that no network here has, for models of other tasks
 * @param classifierOutput end of the name of the matrix whose rows are a classifier's outputs
 * @param ties copies that some files hold, and what they are copies of
 * @param buffers ends of names of arrays that some files hold although nothing is learned in them
 * @param canonical from the spelling of an older file, or of one without heads, to ours
 */
public record TensorNames(
        List<EmbeddingTable> embeddings,
        Map<Head, List<String>> heads,
        Set<Head> onPooler,
        List<OtherHead> otherHeads,
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

    /**
     * A head that is left out when a file with it is read.
     *
     * @param label what people call it
     * @param huggingFaceClass the class that has it; empty if it is none of Hugging Face's
     * @param prefixes of its tensors, which may be those of another head too
     */
    public record OtherHead(String label, String huggingFaceClass, List<String> prefixes) {
        public OtherHead {
            prefixes = List.copyOf(prefixes);
        }

        private boolean has(String tensor) {
            return prefixes.stream().anyMatch(tensor::startsWith);
        }
    }

    public TensorNames {
        embeddings = List.copyOf(embeddings);
        heads = Map.copyOf(heads);
        onPooler = Set.copyOf(onPooler);
        otherHeads = List.copyOf(otherHeads);
        ties = Map.copyOf(ties);
        buffers = Set.copyOf(buffers);
    }

    /** The table of the tokens. */
    public String wordEmbeddings() {
        return embeddings.get(0).tensor();
    }

    /** Heads without tensors of their own, which a file of a model without another head has too. */
    public Set<Head> tiedHeads() {
        return heads.entrySet().stream()
                .filter(head -> head.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** The head that a tensor belongs to; none for the network's below the heads. */
    public Optional<Head> headOf(String tensor) {
        return heads.entrySet().stream()
                .filter(head -> head.getValue().stream().anyMatch(tensor::startsWith))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** What people call the head that a tensor belongs to in one of some classes; empty if none has it there. */
    public Optional<String> otherHead(String tensor, List<String> classes) {
        return otherHeads.stream()
                .filter(head -> head.has(tensor) && classes.contains(head.huggingFaceClass()))
                .map(head -> head.label() + " of " + head.huggingFaceClass())
                .findFirst();
    }

    /** What people call the heads of other tasks that a tensor may belong to; empty if there are none. */
    public Optional<String> possibleOtherHead(String tensor) {
        return otherHeads.stream()
                .filter(head -> head.has(tensor))
                .map(OtherHead::label)
                .reduce((one, another) -> one + " or " + another);
    }

    /** Whether nothing is learned in an array of this name. */
    public boolean isBuffer(String tensor) {
        return buffers.stream().anyMatch(tensor::endsWith);
    }
}
