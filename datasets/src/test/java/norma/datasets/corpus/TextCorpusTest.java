package norma.datasets.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import norma.datasets.SharedData;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class TextCorpusTest {
    @TempDir
    Path folder;

    static List<String> read(Corpus corpus) {
        List<String> all = new ArrayList<>();
        try (Documents documents = corpus.open()) {
            documents.forEachRemaining(all::add);
        }
        return all;
    }

    private List<String> read(DocumentUnit unit, String... names) {
        return read(new TextCorpus(
                Arrays.stream(names).map(n -> folder.resolve(n).toString()).toList(), unit));
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    @Test
    void paragraphs_areSeparatedByBlankLines_andTheirLinesJoined() throws IOException {
        write("a.txt", "\uFEFFone\ntwo \r\n \t\r\n\n\nthree\n\n");
        assertThat(read(DocumentUnit.PARAGRAPH, "a.txt")).containsExactly("one two", "three");
        assertThat(read(DocumentUnit.FILE, "a.txt")).containsExactly("one\ntwo\n\n\n\nthree");
    }

    @Test
    void compressedFiles_giveTheSameDocuments() throws IOException {
        String text = "a é 中 👍\n\n" + "long line ".repeat(30_000) + "\n\nlast";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        write("a.txt", text);
        Files.write(folder.resolve("b.gz"), gzip(bytes));
        Files.write(folder.resolve("c.zst"), Zstd.compress(bytes));
        assertThat(read(DocumentUnit.PARAGRAPH, "a.txt")).hasSize(3);
        assertThat(read(DocumentUnit.PARAGRAPH, "b.gz")).isEqualTo(read(DocumentUnit.PARAGRAPH, "a.txt"));
        assertThat(read(DocumentUnit.PARAGRAPH, "c.zst")).isEqualTo(read(DocumentUnit.PARAGRAPH, "a.txt"));
    }

    @Test
    void folders_areReadBelowInTheOrderOfNames_hiddenFilesLeftOut_andNoFileTwice() throws IOException {
        write("in/b.txt", "b");
        write("in/a/z.txt", "z");
        write("in/a.txt", "a");
        write("in/.hidden", "h");
        write("in/.git/x", "x");
        assertThat(read(DocumentUnit.PARAGRAPH, "in")).containsExactly("a", "z", "b");
        assertThat(read(DocumentUnit.PARAGRAPH, "in/b.txt", "in")).containsExactly("b", "a", "z");
        assertThat(read(DocumentUnit.PARAGRAPH, "in/*.txt")).containsExactly("a", "b");
        assertThat(read(DocumentUnit.PARAGRAPH, "in/**.txt")).containsExactly("a", "z", "b");
    }

    @Test
    void globs_lookNoDeeperThanTheyHaveNames() throws IOException {
        write("in/a.txt", "a");
        write("in/deep/b.txt", "b");
        Files.createSymbolicLink(folder.resolve("in/deep/loop"), folder.resolve("in/deep"));
        assertThat(read(DocumentUnit.PARAGRAPH, "in/*.txt")).containsExactly("a");
        assertThat(read(DocumentUnit.PARAGRAPH, "in/*/?.txt")).containsExactly("b");
        assertThat(read(DocumentUnit.PARAGRAPH, "{in/deep,none}/*.txt")).containsExactly("b");
    }

    @Test
    void whatCannotBeReadBelowAFolder_isNamed() throws IOException {
        write("in/deep/b.txt", "b");
        Path loop = Files.createSymbolicLink(folder.resolve("in/deep/loop"), folder.resolve("in/deep"));
        for (String name : List.of("in", "in/**.txt")) {
            assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, name))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(
                            folder.resolve(name) + " cannot be read: " + loop + ": a link to a folder that it lies in");
        }
        assertThat(InputFiles.unreadable("in", new AccessDeniedException("in/deep")))
                .hasMessage("in cannot be read: in/deep: permission denied");
        assertThat(InputFiles.unreadable("a.txt", new AccessDeniedException("a.txt")))
                .hasMessage("a.txt cannot be read: permission denied");
    }

    @Test
    void invalidUtf8_isNamedByFileLineAndByte_alsoInsideCompressedFilesAndBeyondABuffer() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write("é\uFFFD fine\n".getBytes(StandardCharsets.UTF_8));
        bytes.write("x".repeat(100_000).getBytes(StandardCharsets.UTF_8));
        int offset = bytes.size();
        bytes.write(0xE9); // Latin-1
        bytes.write('\n');
        Files.write(folder.resolve("a.txt"), bytes.toByteArray());
        Files.write(folder.resolve("a.gz"), gzip(bytes.toByteArray()));
        for (String name : List.of("a.txt", "a.gz")) {
            assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, name))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(
                            folder.resolve(name) + ": line 2, byte " + offset + ": found 0xe9, expected valid UTF-8");
        }
    }

    @Test
    void whatIsMissingOrEmpty_isNamed() throws IOException {
        Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, "none.txt"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data: paths: found " + folder.resolve("none.txt")
                        + ", expected an existing file, folder or glob");
        assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, "empty"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("empty (no file), expected a folder or glob with at least one file");
        assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, "*.none"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("*.none (no file), expected a folder or glob with at least one file");
        assertThatThrownBy(() -> read(new TextCorpus(List.of("a\0b"), DocumentUnit.PARAGRAPH)))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void damagedCompressedFiles_areNamed() throws IOException {
        byte[] whole = gzip("text ".repeat(5000).getBytes(StandardCharsets.UTF_8));
        Files.write(folder.resolve("cut.gz"), Arrays.copyOf(whole, whole.length / 2));
        Files.writeString(folder.resolve("no.gz"), "not gzip");
        byte[] zstd = Zstd.compress("text ".repeat(5000).getBytes(StandardCharsets.UTF_8));
        Files.write(folder.resolve("cut.zst"), Arrays.copyOf(zstd, zstd.length / 2));
        for (String name : List.of("cut.gz", "no.gz", "cut.zst")) {
            assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, name))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(name + " cannot be read");
        }
        Files.write(folder.resolve("header.gz"), Arrays.copyOf(whole, 5));
        assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, "header.gz"))
                .hasMessage(
                        folder.resolve("header.gz") + " cannot be read: it ends in the middle of its compressed data");
        Files.write(folder.resolve("empty.gz"), new byte[0]);
        Files.write(folder.resolve("empty.zst"), new byte[0]);
        for (String name : List.of("empty.gz", "empty.zst")) {
            assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, name))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(name + ": is empty, expected");
        }
        Files.write(folder.resolve("nothing.gz"), gzip(new byte[0]));
        assertThat(read(DocumentUnit.PARAGRAPH, "nothing.gz")).isEmpty();
    }

    @Test
    void documentTooLongForMemory_isRefusedWithAWayOut() throws IOException {
        byte[] lines = new byte[TextLines.LONGEST + 100_000];
        Arrays.fill(lines, (byte) 'a');
        Files.write(folder.resolve("line.txt"), lines);
        assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, "line.txt"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("line.txt: line 1: found the byte 0x61 67")
                .hasMessageEndingWith(" times in a row, expected text with line ends");
        for (int i = 99; i < lines.length; i += 100) {
            lines[i] = '\n';
        }
        Files.write(folder.resolve("file.txt"), lines);
        assertThatThrownBy(() -> read(DocumentUnit.FILE, "file.txt"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("file.txt: line 67")
                .hasMessageContaining("documents: paragraph");
        assertThat(read(DocumentUnit.LINE, "file.txt")).hasSize(lines.length / 100 + 1);
    }

    @Test
    void decompressionBombs_areNamedForWhatTheyAre() throws IOException {
        byte[] zeros = new byte[1 << 20];
        Path gz = folder.resolve("bomb.gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
            for (int i = 0; i < 65; i++) {
                out.write(zeros);
            }
        }
        byte[] newlines = new byte[1 << 20];
        Arrays.fill(newlines, (byte) '\n');
        try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(folder.resolve("bomb.zst")))) {
            for (int i = 0; i < 257; i++) {
                out.write(newlines);
            }
        }
        for (String name : List.of("bomb.gz", "bomb.zst")) {
            assertThatThrownBy(() -> read(DocumentUnit.PARAGRAPH, name))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith(folder.resolve(name) + ": ")
                    .hasMessageContaining(" bytes of it have become ")
                    .hasMessageEndingWith(", a decompression bomb, expected compressed text");
        }
    }

    @Test
    void linesOfOldMacs_endWithCr() throws IOException {
        write("mac.txt", "\uFEFFone\rtwo\r\rthree\r");
        assertThat(read(DocumentUnit.PARAGRAPH, "mac.txt")).containsExactly("one two", "three");
        assertThat(read(DocumentUnit.LINE, "mac.txt")).containsExactly("one", "two", "three");
        write("stray.txt", "one\rtwo\nthree\r\n");
        assertThat(read(DocumentUnit.LINE, "stray.txt")).containsExactly("one\rtwo", "three");
        String longLine = "x".repeat((1 << 16) - 1); // whose CRLF falls between two buffers
        write("edge.txt", longLine + "\r\ny\n");
        assertThat(read(DocumentUnit.LINE, "edge.txt")).containsExactly(longLine, "y");
    }

    @Test
    void pipesAndDevices_areNamedForWhatTheyAre() throws Exception {
        assertThatThrownBy(() -> read(new TextCorpus(List.of("/dev/zero"), DocumentUnit.FILE)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("/dev/zero: is a device, expected a file, folder or glob with text");
        Path pipe = folder.resolve("pipe.txt");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThatThrownBy(() -> read(DocumentUnit.FILE, "pipe.txt"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(pipe + ": is a named pipe, expected a file, folder or glob with text");
    }

    @Test
    void fingerprint_changesWithTheFile() throws IOException {
        write("a.txt", "one");
        TextCorpus corpus = new TextCorpus(List.of(folder.resolve("a.txt").toString()), DocumentUnit.PARAGRAPH);
        String before = corpus.fingerprint();
        assertThat(corpus.fingerprint()).isEqualTo(before);
        write("a.txt", "two!");
        assertThat(corpus.fingerprint()).isNotEqualTo(before);
    }

    @Test
    void books_haveTheParagraphsThatTheirTableCounts() {
        Path books = SharedData.require("text/books");
        TextCorpus moonPool = new TextCorpus(
                List.of(books.resolve("Abraham-Merritt_The-Moon-Pool_1919.txt.gz")
                        .toString()),
                DocumentUnit.PARAGRAPH);
        List<String> paragraphs = read(moonPool);
        assertThat(paragraphs).hasSize(2446);
        assertThat(paragraphs.stream()
                        .mapToInt(p -> p.strip().split("\\s+").length)
                        .sum())
                .isEqualTo(95_500);
    }
}
