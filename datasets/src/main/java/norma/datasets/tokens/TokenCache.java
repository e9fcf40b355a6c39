package norma.datasets.tokens;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.CorpusSummary;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.ProcessLock;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of tokenised corpora. Each has a folder of its own, named by the hash of everything that decides its
 * content: text, tokenizer and options. It is written under another name, forced to disk and renamed, by one process at
 * a time, so a folder that has its name was whole; its files are compared with their SHA-256 whenever it is opened, and
 * one that was damaged since is made again, with a warning.
 */
public final class TokenCache {
    private static final Logger LOG = LoggerFactory.getLogger(TokenCache.class);
    private static final int FORMAT = 4; // of how documents become tokens, and lie on disk; raise it when that changes
    private static final int KEY_DIGITS = 32;
    private static final String WRITING = ".writing-";
    private static final String LOCK = ".lock";

    private final Path folder;
    private final CorpusIndex index;

    /** A cache in a folder, which is made when something is put there. */
    public TokenCache(Path folder, CorpusIndex index) {
        this.folder = folder;
        this.index = index;
    }

    /**
     * What decides the tokens beside corpus and tokenizer.
     *
     * @param validationFraction share of documents held out
     * @param marks what is known of the sentences that documents consist of
     * @param documentEnd the token that follows every document
     */
    public record Options(double validationFraction, SentenceMarks marks, SpecialToken documentEnd) {}

    /**
     * The tokens of a corpus, made if they are not there.
     *
     * @throws InvalidInputException if the corpus has no text, cannot be read, or changes meanwhile
     */
    public TokenizedCorpus prepare(Corpus corpus, Tokenizer tokenizer, Options options, Progress progress)
            throws IOException {
        CorpusSummary summary = index.summary(corpus, progress);
        String key = key(corpus, summary, tokenizer, options);
        TokenizedCorpus.Origin origin = origin(summary, tokenizer);
        return kept(key, origin, progress, () -> write(key, corpus, summary, tokenizer, options, progress));
    }

    /**
     * The same without some of the frequent tokens, see {@link Subsampling}.
     *
     * @param threshold t, in (0, 1)
     */
    public TokenizedCorpus prepareSubsampled(
            Corpus corpus, Tokenizer tokenizer, Options options, double threshold, Progress progress)
            throws IOException {
        TokenizedCorpus whole = prepare(corpus, tokenizer, options, progress);
        CorpusSummary summary = index.summary(corpus, progress);
        String key = Hashes.sha256(
                        key(corpus, summary, tokenizer, options) + "\n" + Subsampling.FORMAT + "\n" + threshold)
                .substring(0, KEY_DIGITS);
        TokenizedCorpus.Origin origin = origin(summary, tokenizer);
        return kept(
                key,
                origin,
                progress,
                () -> publish(key, temporary -> Subsampling.of(whole.training(), tokenizer, threshold)
                        .write(temporary, whole, origin, progress)));
    }

    /** Of everything that decides a folder's content. */
    private static String key(Corpus corpus, CorpusSummary summary, Tokenizer tokenizer, Options options) {
        return Hashes.sha256(String.join(
                        "\n", "" + FORMAT, summary.sha256(), tokenizer.sha256(), options + " " + corpus.sentences()))
                .substring(0, KEY_DIGITS);
    }

    private static TokenizedCorpus.Origin origin(CorpusSummary summary, Tokenizer tokenizer) {
        return TokenizedCorpus.Origin.of(summary.sha256(), tokenizer.sha256(), tokenizer.vocabularySize());
    }

    /** Writes something. */
    private interface Making {
        void make() throws IOException;
    }

    /** Writes the files of a folder. */
    private interface Filling {
        void fill(Path temporary) throws IOException;
    }

    /** The tokens of a key, made by one process at a time if they are not there or damaged. */
    private TokenizedCorpus kept(String key, TokenizedCorpus.Origin origin, Progress progress, Making making)
            throws IOException {
        Path target = folder.resolve(key);
        if (Files.exists(target) && TokenizedCorpus.damage(target, origin).isEmpty()) {
            return TokenizedCorpus.open(target, origin);
        }
        Files.createDirectories(folder);
        Runnable waiting = () -> progress.update("waiting for another process to tokenize", 0, -1, "documents");
        return new ProcessLock(folder.resolve(key + LOCK)).whileHeld(waiting, () -> {
            if (Files.exists(target)) { // made by another while this one waited, or damaged
                Optional<String> damage = TokenizedCorpus.damage(target, origin);
                if (damage.isEmpty()) {
                    return TokenizedCorpus.open(target, origin);
                }
                LOG.warn("damaged: {}; the text is prepared again", damage.get());
            }
            clean(key);
            DurableFiles.delete(target);
            making.make();
            return TokenizedCorpus.open(target, origin);
        });
    }

    private void write(
            String key, Corpus corpus, CorpusSummary expected, Tokenizer tokenizer, Options options, Progress progress)
            throws IOException {
        publish(key, temporary -> {
            Tokenization tokenization = new Tokenization(temporary, corpus, tokenizer, options);
            CorpusSummary read = tokenization.run(expected, progress);
            if (!read.equals(expected)) {
                index.forget(corpus);
                throw new InvalidInputException(
                        corpus.name() + ": changed while it was read, expected files that nobody writes to");
            }
        });
    }

    /** Fills a folder, and gives it the name of its key when it is whole. */
    private void publish(String key, Filling filling) throws IOException {
        Path temporary = DurableFiles.createFolder(folder, WRITING + key);
        try {
            filling.fill(temporary);
            DurableFiles.publish(temporary, folder.resolve(key));
        } finally {
            DurableFiles.delete(temporary);
        }
    }

    /** Removes what interrupted preparations left, of this key (whose lock is held) and of others nobody works on. */
    private void clean(String key) throws IOException {
        List<Path> leftovers;
        try (Stream<Path> all = Files.list(folder)) {
            leftovers = all.filter(path -> path.getFileName().toString().startsWith(WRITING))
                    .toList();
        }
        for (Path leftover : leftovers) {
            String name = leftover.getFileName().toString();
            String owner = name.substring(WRITING.length(), Math.min(name.length(), WRITING.length() + KEY_DIGITS));
            if (owner.equals(key)) {
                DurableFiles.delete(leftover);
            } else {
                new ProcessLock(folder.resolve(owner + LOCK)).ifFree(() -> {
                    DurableFiles.delete(leftover);
                    return true;
                });
            }
        }
    }
}
