package norma.datasets.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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

    private List<String> read(boolean paragraphs, String... names) {
        return read(new TextCorpus(
                Arrays.stream(names).map(n -> folder.resolve(n).toString()).toList(), paragraphs));
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
        assertThat(read(true, "a.txt")).containsExactly("one two", "three");
        assertThat(read(false, "a.txt")).containsExactly("one\ntwo\n\n\n\nthree");
    }

    @Test
    void compressedFiles_giveTheSameDocuments() throws IOException {
        String text = "a é 中 👍\n\n" + "long line ".repeat(30_000) + "\n\nlast";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        write("a.txt", text);
        Files.write(folder.resolve("b.gz"), gzip(bytes));
        Files.write(folder.resolve("c.zst"), Zstd.compress(bytes));
        assertThat(read(true, "a.txt")).hasSize(3);
        assertThat(read(true, "b.gz")).isEqualTo(read(true, "a.txt"));
        assertThat(read(true, "c.zst")).isEqualTo(read(true, "a.txt"));
    }

    @Test
    void folders_areReadBelowInTheOrderOfNames_hiddenFilesLeftOut_andNoFileTwice() throws IOException {
        write("in/b.txt", "b");
        write("in/a/z.txt", "z");
        write("in/a.txt", "a");
        write("in/.hidden", "h");
        write("in/.git/x", "x");
        assertThat(read(true, "in")).containsExactly("a", "z", "b");
        assertThat(read(true, "in/b.txt", "in")).containsExactly("b", "a", "z");
        assertThat(read(true, "in/*.txt")).containsExactly("a", "b");
        assertThat(read(true, "in/**.txt")).containsExactly("a", "z", "b");
    }

    @Test
    void globs_lookNoDeeperThanTheyHaveNames() throws IOException {
        write("in/a.txt", "a");
        write("in/deep/b.txt", "b");
        Files.createSymbolicLink(folder.resolve("in/deep/loop"), folder.resolve("in/deep"));
        assertThat(read(true, "in/*.txt")).containsExactly("a");
        assertThat(read(true, "in/*/?.txt")).containsExactly("b");
        assertThat(read(true, "{in/deep,none}/*.txt")).containsExactly("b");
    }

    @Test
    void whatCannotBeReadBelowAFolder_isNamed() throws IOException {
        write("in/deep/b.txt", "b");
        Path loop = Files.createSymbolicLink(folder.resolve("in/deep/loop"), folder.resolve("in/deep"));
        for (String name : List.of("in", "in/**.txt")) {
            assertThatThrownBy(() -> read(true, name))
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
            assertThatThrownBy(() -> read(true, name))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(
                            folder.resolve(name) + ": line 2, byte " + offset + ": found 0xe9, expected valid UTF-8");
        }
    }

    @Test
    void whatIsMissingOrEmpty_isNamed() throws IOException {
        Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> read(true, "none.txt"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data.paths: " + folder.resolve("none.txt")
                        + ": found nothing, expected an existing file, folder or glob");
        assertThatThrownBy(() -> read(true, "empty"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("empty: found no file");
        assertThatThrownBy(() -> read(true, "*.none"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("*.none: found no file");
        assertThatThrownBy(() -> read(new TextCorpus(List.of("a\0b"), true))).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void damagedCompressedFiles_areNamed() throws IOException {
        byte[] whole = gzip("text ".repeat(5000).getBytes(StandardCharsets.UTF_8));
        Files.write(folder.resolve("cut.gz"), Arrays.copyOf(whole, whole.length / 2));
        Files.writeString(folder.resolve("no.gz"), "not gzip");
        byte[] zstd = Zstd.compress("text ".repeat(5000).getBytes(StandardCharsets.UTF_8));
        Files.write(folder.resolve("cut.zst"), Arrays.copyOf(zstd, zstd.length / 2));
        for (String name : List.of("cut.gz", "no.gz", "cut.zst")) {
            assertThatThrownBy(() -> read(true, name))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(name + " cannot be read");
        }
    }

    @Test
    void documentTooLongForMemory_isRefusedWithAWayOut() throws IOException {
        Files.write(folder.resolve("line.txt"), new byte[TextLines.LONGEST + 100_000]);
        assertThatThrownBy(() -> read(false, "line.txt"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("line.txt: line 1")
                .hasMessageContaining("documents: paragraph");
    }

    @Test
    void fingerprint_changesWithTheFile() throws IOException {
        write("a.txt", "one");
        TextCorpus corpus = new TextCorpus(List.of(folder.resolve("a.txt").toString()), true);
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
                true);
        List<String> paragraphs = read(moonPool);
        assertThat(paragraphs).hasSize(2446);
        assertThat(paragraphs.stream()
                        .mapToInt(p -> p.strip().split("\\s+").length)
                        .sum())
                .isEqualTo(95_500);
    }
}
