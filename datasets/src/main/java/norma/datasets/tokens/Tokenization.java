package norma.datasets.tokens;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.Progress;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.CorpusSummary;
import norma.datasets.corpus.Documents;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.Tokenizer;

/** One pass over a corpus that writes its tokens into a folder. Holds about a megabyte of text at a time. */
final class Tokenization {
    private static final int BATCH_BYTES = 1 << 20; // text that is encoded at once

    private final Path folder;
    private final Corpus corpus;
    private final Tokenizer tokenizer;
    private final TokenCache.Options options;
    private final List<String> texts = new ArrayList<>(); // documents, or sentences, of the batch
    private final List<Integer> counts = new ArrayList<>(); // texts of each document
    private final List<Boolean> heldOut = new ArrayList<>();

    Tokenization(Path folder, Corpus corpus, Tokenizer tokenizer, TokenCache.Options options) {
        this.folder = folder;
        this.corpus = corpus;
        this.tokenizer = tokenizer;
        this.options = options;
    }

    /** Writes everything and returns what was read; where that is not what was expected, the folder is of no use. */
    CorpusSummary run(CorpusSummary expected, Progress progress) throws IOException {
        TokenizedCorpus.Origin origin =
                TokenizedCorpus.Origin.of(expected.sha256(), tokenizer.sha256(), tokenizer.vocabularySize());
        int tokenBytes = origin.tokenBytes();
        CorpusSummary.Builder read = new CorpusSummary.Builder();
        long textless;
        try (SplitWriter training = new SplitWriter(folder, TokenizedCorpus.TRAINING, tokenBytes);
                SplitWriter validation = new SplitWriter(folder, TokenizedCorpus.VALIDATION, tokenBytes);
                Documents documents = corpus.open()) {
            long written = 0;
            while (documents.hasNext()) {
                add(documents.next(), read);
                if (read.bytes() - written >= BATCH_BYTES || !documents.hasNext()) {
                    encode(training, validation);
                    written = read.bytes();
                    progress.update("tokenizing", written, expected.bytes(), "bytes");
                }
            }
            textless = documents.textless();
        }
        TokenizedCorpus.describe(folder, origin);
        return read.build(textless);
    }

    private void add(String document, CorpusSummary.Builder read) {
        byte[] utf8 = read.add(document);
        List<String> cut = options.marks() == SentenceMarks.NONE
                ? List.of(document)
                : corpus.sentences().sentences(document);
        texts.addAll(cut);
        counts.add(cut.size());
        heldOut.add(isHeldOut(utf8, options.validationFraction()));
    }

    private void encode(SplitWriter training, SplitWriter validation) throws IOException {
        List<int[]> ids = tokenizer.encode(texts);
        int separator = tokenizer.require("to stand between documents", options.documentEnd());
        int from = 0;
        for (int i = 0; i < counts.size(); i++) {
            SplitWriter split = heldOut.get(i) ? validation : training;
            split.document(document(ids.subList(from, from + counts.get(i)), separator), separator);
            from += counts.get(i);
        }
        texts.clear();
        counts.clear();
        heldOut.clear();
    }

    /** A document's sentences; where separators mark them, each but the last with its own, which it keeps. */
    private List<int[]> document(List<int[]> sentences, int separator) {
        if (options.marks() != SentenceMarks.SEPARATORS) {
            return sentences;
        }
        List<int[]> separated = new ArrayList<>(
                sentences.stream().filter(sentence -> sentence.length > 0).toList());
        for (int i = 0; i + 1 < separated.size(); i++) {
            int[] sentence = separated.get(i);
            separated.set(i, Arrays.copyOf(sentence, sentence.length + 1));
            separated.get(i)[sentence.length] = separator;
        }
        return separated;
    }

    /** Whether a document is held out: a function of its text alone, so copies of it fall on the same side. */
    static boolean isHeldOut(byte[] utf8, double fraction) {
        return CounterHash.uniform(CounterHash.key(0, "validation", hash(utf8)), 0) < fraction;
    }

    static boolean isHeldOut(String document, double fraction) {
        return isHeldOut(document.getBytes(StandardCharsets.UTF_8), fraction);
    }

    private static long hash(byte[] bytes) { // FNV-1a; CounterHash mixes it
        long hash = 0xCBF29CE484222325L;
        for (byte b : bytes) {
            hash = (hash ^ (b & 0xff)) * 0x100000001B3L;
        }
        return hash;
    }
}
