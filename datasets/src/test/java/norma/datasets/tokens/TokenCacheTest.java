package norma.datasets.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import norma.datasets.Samples;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.config.DataConfig;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.TokenizerConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("engine")
class TokenCacheTest {
    @TempDir
    Path folder;

    private Path text;
    private Path cache;
    private DataConfig config;
    private TokenizerConfig tokenizer;
    private final List<String> stages = new ArrayList<>();
    private final Progress progress = (stage, done, total, unit) -> stages.add(stage);

    @BeforeEach
    void setUp() {
        text = Samples.textFile(folder.resolve("text.txt"), 300, 5);
        cache = folder.resolve("cache");
        config = Samples.data(text, "sentence", "mlm", 16);
        tokenizer = Samples.tokenizerConfig(folder);
    }

    private PretrainingData prepare() {
        stages.clear();
        return PretrainingData.prepare(config, tokenizer, SequenceFormat.BERT, 1, cache, progress);
    }

    private List<Path> entries(String start) throws IOException {
        try (Stream<Path> all = Files.list(cache.resolve("tokens"))) {
            return all.filter(p -> p.getFileName().toString().startsWith(start)).toList();
        }
    }

    private Path folderOfTokens() throws IOException {
        return entries("").stream().filter(Files::isDirectory).findFirst().orElseThrow();
    }

    @Test
    void preparedOnce_isOpenedWithoutReadingTheCorpus() {
        try (PretrainingData first = prepare()) {
            assertThat(stages).contains("tokenizing");
            try (PretrainingData again = prepare()) {
                assertThat(stages).isEmpty();
                assertThat(again.corpusSha256()).isEqualTo(first.corpusSha256());
                assertThat(again.trainingTokens()).isEqualTo(first.trainingTokens());
            }
        }
    }

    @Test
    void others_mayReadWhatTheUmaskLetsThemRead() throws IOException {
        assumeTrue(
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix"),
                "skipped: no POSIX permissions here");
        prepare().close();
        Path usual = Files.createDirectory(folder.resolve("usual"));
        assertThat(Files.getPosixFilePermissions(folderOfTokens())).isEqualTo(Files.getPosixFilePermissions(usual));
    }

    @Test
    void touchedOrMovedFiles_areReadButNotTokenizedAgain() throws IOException {
        prepare().close();
        Files.setLastModifiedTime(text, FileTime.fromMillis(1_000_000));
        prepare().close();
        assertThat(stages).doesNotContain("tokenizing");

        Path moved = Files.move(text, folder.resolve("moved.txt"));
        config = Samples.data(moved, "sentence", "mlm", 16);
        prepare().close();
        assertThat(stages).doesNotContain("tokenizing");
    }

    @Test
    void otherText_otherTokenizer_otherSplit_haveTokensOfTheirOwn() throws IOException {
        String before;
        try (PretrainingData first = prepare()) {
            before = first.corpusSha256();
        }
        Files.writeString(text, Files.readString(text).replace("time", "year"));
        try (PretrainingData changed = prepare()) {
            assertThat(stages).contains("tokenizing");
            assertThat(changed.corpusSha256()).isNotEqualTo(before);
        }
        tokenizer = new TokenizerConfig("wordpiece", 80, null, null, null);
        prepare().close();
        assertThat(stages).contains("tokenizing", "training vocabulary");

        prepare().close();
        assertThat(stages).isEmpty(); // the trained tokenizer is kept, too

        config = new DataConfig("text", config.paths(), null, null, 0.3, 16, "sentence", null, null, null);
        prepare().close();
        assertThat(stages).contains("tokenizing");
    }

    @Test
    void damage_isRepaired() throws IOException {
        prepare().close();
        Path tokens = folderOfTokens();
        for (String name : List.of("training.tokens", "validation.sentences", "training.documents", "meta.json")) {
            try (FileChannel channel = FileChannel.open(tokens.resolve(name), StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() / 2);
            }
            prepare().close();
            assertThat(stages).as(name).contains("tokenizing");
            Files.delete(tokens.resolve(name));
            prepare().close();
            assertThat(stages).as(name).contains("tokenizing");
        }
    }

    /** Any byte of any file: what was prepared again is what was there. */
    @Test
    void aChangedByte_isSeenAndRepaired() throws IOException {
        tokenizer = new TokenizerConfig("wordpiece", 80, null, null, null);
        prepare().close();
        List<Path> files;
        try (Stream<Path> all = Files.walk(cache)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".lock"))
                    .sorted()
                    .toList();
        }
        assertThat(files).hasSize(10); // an index, a tokenizer with its sum, six files of tokens and meta.json
        for (Path file : files) {
            byte[] good = Files.readAllBytes(file);
            for (int at : new int[] {0, good.length / 3, good.length / 2, good.length - 2}) {
                byte[] damaged = good.clone();
                damaged[at] ^= 1;
                Files.write(file, damaged);
                prepare().close();
                assertThat(file).as("byte %d", at).hasBinaryContent(good);
            }
        }
        prepare().close();
        assertThat(stages).isEmpty();
    }

    @Test
    void damagedTokenizerAndIndex_areMadeAgain() throws IOException {
        tokenizer = new TokenizerConfig("wordpiece", 80, null, null, null);
        String sha;
        try (PretrainingData first = prepare()) {
            sha = first.tokenizerSha256();
        }
        for (String part : List.of("tokenizers", "corpora")) {
            try (Stream<Path> files = Files.list(cache.resolve(part))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".json")).toList()) {
                    Files.writeString(file, "{\"mod");
                }
            }
        }
        try (PretrainingData again = prepare()) {
            assertThat(again.tokenizerSha256()).isEqualTo(sha);
        }
    }

    @Test
    void failureWhileWriting_leavesNothing() throws IOException {
        assertThatThrownBy(() -> PretrainingData.prepare(
                        config, tokenizer, SequenceFormat.BERT, 1, cache, (stage, done, total, unit) -> {
                            if (stage.equals("tokenizing")) {
                                throw new UncheckedIOException(new IOException("disk full"));
                            }
                        }))
                .isInstanceOf(UncheckedIOException.class);
        assertThat(entries(".writing-")).isEmpty();
        assertThat(entries("").stream().filter(Files::isDirectory)).isEmpty();
        prepare().close();
        assertThat(stages).contains("tokenizing");
    }

    @Test
    void processKilledWhileWriting_leavesNothingThatCounts_andItsRestIsCleanedAway() throws Exception {
        assertThat(child("halt").waitFor()).isEqualTo(9);
        assertThat(entries(".writing-")).hasSize(1);
        prepare().close();
        assertThat(stages).contains("tokenizing");
        assertThat(entries(".writing-")).isEmpty();
    }

    @Test
    void twoProcessesAndTwoThreadsAtOnce_giveOneCopy() throws Exception {
        Process one = child("plain");
        Process two = child("plain");
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Long>> found = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                found.add(threads.submit(() -> {
                    try (PretrainingData data =
                            PretrainingData.prepare(config, tokenizer, SequenceFormat.BERT, 1, cache, Progress.NONE)) {
                        return data.trainingTokens();
                    }
                }));
            }
            assertThat(found.get(0).get()).isEqualTo(found.get(1).get());
        } finally {
            threads.shutdown();
        }
        assertThat(one.waitFor()).isZero();
        assertThat(two.waitFor()).isZero();
        assertThat(entries("").stream().filter(Files::isDirectory)).hasSize(1);
        assertThat(entries(".writing-")).isEmpty();
    }

    private Process child(String what) throws IOException {
        return Child.start(
                List.of("-Xmx256m"),
                List.of(what, text.toString(), tokenizer.path(), cache.toString(), "sentence"),
                folder.resolve("child" + System.nanoTime() + ".log"));
    }

    @Test
    void corpusLargerThanTheHeap_isTokenized() throws Exception {
        Path large = folder.resolve("large.txt");
        StringBuilder block = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            block.append(Samples.sentences(i, 10)).append("\n\n");
        }
        long target = 40L << 20;
        try (var out = Files.newBufferedWriter(large)) {
            for (long written = 0; written < target; written += block.length()) {
                out.append(block);
            }
        }
        Path log = folder.resolve("large.log");
        Process child = Child.start(
                List.of("-Xmx24m"),
                List.of("plain", large.toString(), tokenizer.path(), cache.toString(), "full"),
                log);
        assertThat(child.waitFor()).as(() -> readLog(log)).isZero();
        System.out.printf(
                "%,d bytes of text with a heap of 24 MiB: %s%n",
                Files.size(large), readLog(log).strip());
    }

    private static String readLog(Path log) {
        try {
            return Files.readString(log)
                    .lines()
                    .filter(l -> !l.contains("ai.djl"))
                    .reduce("", (a, b) -> a + b + "\n");
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void corpusWithoutText_isRefused() throws IOException {
        Files.writeString(text, " \n\n\t\n");
        assertThatThrownBy(this::prepare)
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(text + ": found no text, expected at least one document with text");
    }

    @Test
    void corpusShorterThanASequenceOrABatch_isRefusedWithTheNumbers() throws IOException {
        Files.writeString(text, "Time.");
        config = new DataConfig("text", config.paths(), null, null, 0.0, 128, null, null, null, null);
        assertThatThrownBy(this::prepare)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("data.sequence_length: found 128 but only 3 training tokens");
        Samples.textFile(text, 30, 5);
        config = new DataConfig("text", config.paths(), null, null, 0.3, 32, null, null, null, null);
        try (PretrainingData data = prepare()) {
            long sequences = data.batches().trainingExamples();
            data.requireBatch((int) sequences);
            assertThatThrownBy(() -> data.requireBatch((int) sequences + 1))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("training.batch_size: found " + (sequences + 1) + ", expected at most "
                            + sequences + ", the training sequences that the corpus gives");
        }
        config = new DataConfig("text", config.paths(), null, null, 0.0, 32, null, null, null, null);
        try (PretrainingData data = prepare()) {
            assertThatThrownBy(() -> data.requireBatch(1))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("data.validation_fraction: found 0.0, which holds out 0 tokens");
        }
    }

    @Test
    void heldOut_isAFunctionOfTheTextAlone_withTheShareAsked() {
        int held = 0;
        int documents = 20_000;
        for (int i = 0; i < documents; i++) {
            held += Tokenization.isHeldOut("document " + i, 0.02) ? 1 : 0;
        }
        System.out.printf("held out: %.4f of %d documents (2 %% asked)%n", held / (double) documents, documents);
        assertThat(held / (double) documents).isBetween(0.015, 0.025);

        List<String> some = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            some.add(Samples.sentences(i, 1 + i % 5));
        }
        java.util.Collections.reverse(some);
        long tokens;
        try (PretrainingData data = prepare()) {
            tokens = data.validationTokens();
        }
        Samples.write(text, String.join("\n\n", some)); // the same documents in another order
        try (PretrainingData data = prepare()) {
            assertThat(data.validationTokens()).isEqualTo(tokens).isPositive();
        }
    }
}
