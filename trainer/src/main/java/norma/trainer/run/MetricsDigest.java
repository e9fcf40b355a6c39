package norma.trainer.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import norma.datasets.base.Hashes;

/**
 * SHA-256 over lines of metrics.jsonl, each without what differs from one machine and moment to the next
 * ({@link MetricNames#OF_THE_MACHINE}): two runs of one configuration and seed have the same.
 */
final class MetricsDigest {
    private final MessageDigest digest = Hashes.sha256();

    void add(MetricsLine line) {
        ObjectNode kept = ((ObjectNode) line.json()).deepCopy().without(MetricNames.OF_THE_MACHINE);
        digest.update((kept + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The digest so far, as 64 hexadecimal digits. */
    String sha256() {
        return Hashes.soFar(digest);
    }
}
