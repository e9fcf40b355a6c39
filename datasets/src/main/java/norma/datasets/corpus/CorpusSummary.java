package norma.datasets.corpus;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import norma.datasets.base.Hashes;

/**
 * What a corpus holds.
 *
 * @param sha256 over all documents in order, each behind its length in bytes
 * @param documents that are not blank
 * @param bytes of them in UTF-8
 * @param textless rows of its tables that have no text, and so give no document
 */
public record CorpusSummary(String sha256, long documents, long bytes, long textless) {

    /** Sums up documents as they go by. */
    public static final class Builder {
        private final MessageDigest digest = Hashes.sha256();
        private long documents;
        private long bytes;

        /** One more document; returns it in bytes. */
        public byte[] add(String document) {
            byte[] utf8 = document.getBytes(StandardCharsets.UTF_8);
            digest.update((utf8.length + ":").getBytes(StandardCharsets.US_ASCII));
            digest.update(utf8);
            documents++;
            bytes += utf8.length;
            return utf8;
        }

        /** Documents so far. */
        public long documents() {
            return documents;
        }

        /** Bytes so far. */
        public long bytes() {
            return bytes;
        }

        /** The sum, with the rows that had no text; nothing may be added afterwards. */
        public CorpusSummary build(long textless) {
            return new CorpusSummary(HexFormat.of().formatHex(digest.digest()), documents, bytes, textless);
        }
    }
}
