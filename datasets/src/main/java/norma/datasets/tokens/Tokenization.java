package norma.datasets.tokens;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import norma.datasets.base.Progress;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.CorpusSummary;
import norma.datasets.corpus.Documents;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;

/** One pass over a corpus that writes its tokens into a folder. Holds about a megabyte of text at a time. */
final class Tokenization {
    private static final int BATCH_BYTES = 1 << 20; // text that is encoded at once

    private final Path folder;
    private final Tokenizer tokenizer;
    private final TokenCache.Options options;
    private final List<String> texts = new ArrayList<>(); // documents, or sentences, of the batch
    private final List<Integer> counts = new ArrayList<>(); // texts of each document
    private final List<Boolean> heldOut = new ArrayList<>();

    Tokenization(Path folder, Tokenizer tokenizer, TokenCache.Options options) {
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.options = options;
    }

    /** Writes everything and returns what was read. */
    CorpusSummary run(Corpus corpus, CorpusSummary expected, Progress progress) throws IOException {
        int tokenBytes = tokenizer.vocabularySize() <= 1 << Short.SIZE ? Short.BYTES : Integer.BYTES;
        CorpusSummary.Builder read = new CorpusSummary.Builder();
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
        }
        CorpusSummary summary = read.build();
        TokenizedCorpus.describe(folder, summary.sha256(), tokenizer.sha256(), tokenBytes);
        return summary;
    }

    private void add(String document, CorpusSummary.Builder read) {
        byte[] utf8 = read.add(document);
        List<String> cut = options.sentences() ? sentences(document) : List.of(document);
        texts.addAll(cut);
        counts.add(cut.size());
        heldOut.add(isHeldOut(utf8, options.validationFraction()));
    }

    private void encode(SplitWriter training, SplitWriter validation) throws IOException {
        List<int[]> ids = tokenizer.encode(texts);
        int separator = tokenizer.require("to stand between documents", SpecialToken.SEP, SpecialToken.EOS);
        int from = 0;
        for (int i = 0; i < counts.size(); i++) {
            SplitWriter split = heldOut.get(i) ? validation : training;
            split.document(ids.subList(from, from + counts.get(i)), separator);
            from += counts.get(i);
        }
        texts.clear();
        counts.clear();
        heldOut.clear();
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

    /**
     * Sentences as java.text finds them in English, without the blanks around them; all but the first begin with one
     * blank, so that a byte-level tokenizer spells them as in running text.
     */
    static List<String> sentences(String document) {
        BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ENGLISH);
        breaks.setText(document);
        List<String> sentences = new ArrayList<>();
        int start = breaks.first();
        for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
            String sentence = document.substring(start, end).strip();
            if (!sentence.isEmpty()) {
                sentences.add(sentences.isEmpty() ? sentence : " " + sentence);
            }
            start = end;
        }
        return sentences;
    }
}
