package norma.datasets.tokens;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import norma.datasets.Hashes;
import norma.datasets.InvalidInputException;
import norma.datasets.Progress;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.Documents;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.Tokenizer;

/**
 * A folder of tokenised corpora. Each has a folder of its own, named by the hash of everything that decides its
 * content, written elsewhere and renamed when it is whole.
 */
public final class TokenCache {
    private static final int FORMAT = 1;
    private static final int BATCH_CHARACTERS = 1 << 20; // text that is encoded at once
    private static final String META = "meta.json";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;

    /** A cache in a folder, which is made when something is put there. */
    public TokenCache(Path folder) {
        this.folder = folder;
    }

    /**
     * What decides the tokens beside corpus and tokenizer.
     *
     * @param validationFraction share of documents held out
     * @param sentences whether documents are cut into sentences
     */
    public record Options(double validationFraction, boolean sentences) {}

    /**
     * A tokenised corpus.
     *
     * @param corpusSha256 SHA-256 over the documents, each behind its length
     * @param training the split to train on
     * @param validation the held-out split
     */
    public record Tokens(String corpusSha256, TokenSplit training, TokenSplit validation) {}

    /**
     * The tokens of a corpus, made if they are not there.
     *
     * @throws InvalidInputException if the corpus has no text
     */
    public Tokens prepare(Corpus corpus, Tokenizer tokenizer, Options options, Progress progress) {
        String key = Hashes.sha256(FORMAT + "\n" + corpus.fingerprint() + "\n" + tokenizer.sha256() + "\n" + options);
        Path target = folder.resolve(key.substring(0, 32));
        try {
            if (!isWhole(target)) {
                delete(target);
                Files.createDirectories(folder);
                Path temporary = Files.createTempDirectory(folder, ".writing-");
                try {
                    write(temporary, corpus, tokenizer, options, progress);
                    publish(temporary, target);
                } finally {
                    delete(temporary);
                }
            }
            return open(target);
        } catch (IOException e) {
            throw new UncheckedIOException("the token cache " + target + " cannot be written or read", e);
        }
    }

    private static void publish(Path temporary, Path target) throws IOException {
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException | AtomicMoveNotSupportedException e) {
            if (!isWhole(target)) { // else another process was faster
                throw e;
            }
        }
    }

    private static Tokens open(Path target) throws IOException {
        JsonNode meta = MAPPER.readTree(target.resolve(META).toFile());
        int width = meta.get("token_bytes").asInt();
        return new Tokens(
                meta.get("corpus_sha256").asText(),
                new TokenSplit(target, "training", width),
                new TokenSplit(target, "validation", width));
    }

    /** Whether every file is there and as long as it was when it was written. */
    private static boolean isWhole(Path target) throws IOException {
        if (!Files.isRegularFile(target.resolve(META))) {
            return false;
        }
        JsonNode sizes = MAPPER.readTree(target.resolve(META).toFile()).path("sizes");
        for (var size : sizes.properties()) {
            Path file = target.resolve(size.getKey());
            if (!Files.isRegularFile(file)
                    || Files.size(file) != size.getValue().asLong()) {
                return false;
            }
        }
        return !sizes.isEmpty();
    }

    private static void write(Path into, Corpus corpus, Tokenizer tokenizer, Options options, Progress progress)
            throws IOException {
        int width = tokenizer.vocabularySize() <= 1 << Short.SIZE ? Short.BYTES : Integer.BYTES;
        MessageDigest digest = Hashes.sha256();
        ObjectNode meta = MAPPER.createObjectNode();
        try (SplitWriter training = new SplitWriter(into, "training", width);
                SplitWriter validation = new SplitWriter(into, "validation", width);
                Documents documents = corpus.open()) {
            List<String> batch = new ArrayList<>();
            long characters = 0;
            long done = 0;
            while (documents.hasNext()) {
                String document = documents.next();
                byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
                digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
                digest.update(bytes);
                batch.add(document);
                characters += document.length();
                done++;
                if (characters >= BATCH_CHARACTERS || !documents.hasNext()) {
                    encode(batch, tokenizer, options, training, validation);
                    progress.update("tokenizing", done, -1, "documents");
                    batch.clear();
                    characters = 0;
                }
            }
            if (done == 0) {
                throw new InvalidInputException("data.corpus: it has no document with text");
            }
            meta.put("documents", training.documents() + validation.documents());
        }
        meta.put("token_bytes", width);
        meta.put("corpus_sha256", HexFormat.of().formatHex(digest.digest()));
        ObjectNode sizes = meta.putObject("sizes");
        try (Stream<Path> files = Files.list(into)) {
            for (Path file : files.sorted().toList()) {
                sizes.put(file.getFileName().toString(), Files.size(file));
            }
        }
        Files.write(into.resolve(META), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(meta));
    }

    private static void encode(
            List<String> batch, Tokenizer tokenizer, Options options, SplitWriter training, SplitWriter validation)
            throws IOException {
        List<String> sentences = new ArrayList<>();
        int[] counts = new int[batch.size()];
        for (int i = 0; i < counts.length; i++) {
            List<String> cut = options.sentences() ? sentences(batch.get(i)) : List.of(batch.get(i));
            counts[i] = cut.size();
            sentences.addAll(cut);
        }
        List<int[]> ids = tokenizer.encode(sentences);
        int from = 0;
        for (int i = 0; i < counts.length; i++) {
            SplitWriter split = isHeldOut(batch.get(i), options.validationFraction()) ? validation : training;
            split.document(ids.subList(from, from + counts[i]), tokenizer.sepId());
            from += counts[i];
        }
    }

    /** Whether a document is held out: a function of its text alone. */
    static boolean isHeldOut(String document, double fraction) {
        return CounterHash.uniform(CounterHash.key(0, "validation/" + document), 0) < fraction;
    }

    /** Sentences as java.text finds them in English, without blanks around them. */
    static List<String> sentences(String document) {
        BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ENGLISH);
        breaks.setText(document);
        List<String> sentences = new ArrayList<>();
        int start = breaks.first();
        for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
            String sentence = document.substring(start, end).strip();
            if (!sentence.isEmpty()) {
                sentences.add(sentence);
            }
            start = end;
        }
        return sentences;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
