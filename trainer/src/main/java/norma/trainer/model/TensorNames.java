package norma.trainer.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What an architecture's tensors are called in Hugging Face's files.
 *
 * @param wordEmbeddings the table of the tokens
 * @param heads the prefixes of each head's tensors
 * @param classifierOutput end of the name of the matrix whose rows are a classifier's outputs
 * @param ties copies that some files hold, and what they are copies of
 * @param buffers ends of names of arrays that some files hold although nothing is learned in them
 * @param canonical from the spelling of an older file, or of one without heads, to ours
 */
public record TensorNames(
        String wordEmbeddings,
        Map<Head, List<String>> heads,
        String classifierOutput,
        Map<String, String> ties,
        Set<String> buffers,
        UnaryOperator<String> canonical) {
    public TensorNames {
        heads = Map.copyOf(heads);
        ties = Map.copyOf(ties);
        buffers = Set.copyOf(buffers);
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
