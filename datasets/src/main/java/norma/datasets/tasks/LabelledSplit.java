package norma.datasets.tasks;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import norma.datasets.base.Hashes;

/**
 * Examples in the order of their source.
 *
 * @param name such as train, dev or dev_mismatched
 * @param source the file or whatever else they came from, for messages and provenance
 * @param examples at least one
 * @param leftOut numbers of the lines that were left out as damaged, which happens with QQP only
 */
public record LabelledSplit(String name, String source, List<LabelledExample> examples, List<Long> leftOut) {
    /** Copies. */
    public LabelledSplit {
        examples = List.copyOf(examples);
        leftOut = List.copyOf(leftOut);
    }

    /** A whole source. */
    LabelledSplit(String name, String source, List<LabelledExample> examples) {
        this(name, source, examples, List.of());
    }

    /** The first examples of it, at most so many. */
    public LabelledSplit first(int most) {
        return new LabelledSplit(name, source, examples.subList(0, Math.min(most, examples.size())), leftOut);
    }

    /** SHA-256 over texts and labels, in hexadecimal digits. */
    public String sha256() {
        MessageDigest digest = Hashes.sha256();
        for (LabelledExample example : examples) {
            String line = example.text() + '\0' + example.textPair() + '\0' + example.label() + '\n';
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
