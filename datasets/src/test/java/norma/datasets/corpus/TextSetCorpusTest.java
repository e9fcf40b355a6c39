package norma.datasets.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.repository.RemoteRepository;
import ai.djl.repository.Repository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against repositories on this machine; DJL's own is never asked. */
@Tag("unit")
class TextSetCorpusTest {
    @TempDir
    Path folder;

    private List<String> documents(TextSet set, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(set.key()), text);
        try (Documents documents = set.documents(file)) {
            List<String> all = new java.util.ArrayList<>();
            documents.forEachRemaining(all::add);
            return all;
        }
    }

    @Test
    void eachSet_hasItsDocuments() throws IOException {
        assertThat(documents(TextSet.WIKITEXT_2, " \n = Title = \n \n one \n two \n"))
                .containsExactly("= Title =", "one two");
        assertThat(documents(TextSet.PENN_TREEBANK, " one line \n another \n")).containsExactly("one line", "another");
        assertThat(documents(TextSet.GO_EMOTIONS, "Fine \"day\"\t27\tabc\n")).containsExactly("Fine \"day\"");
        assertThat(documents(TextSet.TATOEBA, "Go.\tVa !\nHi.\tSalut !\n")).containsExactly("Go.", "Hi.");
        assertThat(documents(TextSet.COOKING, "__label__a __label__b-c How much salt?\n"))
                .containsExactly("How much salt?");
        assertThat(documents(TextSet.AMAZON_REVIEWS, "marketplace\treview_body\tdate\nUS\tgood\t1\nUS\tbad\t2\n"))
                .containsExactly("good", "bad");
        assertThat(documents(TextSet.ENGLISH_WEB_TREEBANK, "Al\tPROPN\n-\tPUNCT\n\nWell\tINTJ\n\n"))
                .containsExactly("Al -", "Well");
        assertThat(documents(
                        TextSet.SQUAD,
                        "{\"data\": [{\"title\": \"t\", \"paragraphs\": [{\"qas\": [{\"question\": \"q\"}],"
                                + " \"context\": \"one\"}, {\"context\": \"two\", \"qas\": []}]}]}"))
                .containsExactly("one", "two");
    }

    @Test
    void movieReviews_areFilesOfAFolder() throws IOException {
        Path train = Files.createDirectories(folder.resolve("train"));
        Files.writeString(Files.createDirectories(train.resolve("pos")).resolve("1_9.txt"), "good<br /><br />film");
        Files.writeString(Files.createDirectories(train.resolve("neg")).resolve("2_1.txt"), "bad");
        Files.writeString(Files.createDirectories(train.resolve("unsup")).resolve("3_0.txt"), "unrated");
        Files.writeString(train.resolve("labeledBow.feat"), "9 0:9 1:1 2:4");
        Files.writeString(train.resolve("urls_pos.txt"), "http://www.imdb.com/title/tt0453418/usercomments");
        assertThat(TextSet.MOVIE_REVIEWS.files(train))
                .containsExactly(
                        train.resolve("neg/2_1.txt"), train.resolve("pos/1_9.txt"), train.resolve("unsup/3_0.txt"));
        try (Documents documents = TextSet.MOVIE_REVIEWS.documents(train)) {
            assertThat(documents.next()).isEqualTo("bad");
            assertThat(documents.next()).isEqualTo("good film");
            assertThat(documents.next()).isEqualTo("unrated");
            assertThat(documents.hasNext()).isFalse();
        }
    }

    @Test
    void repositoryThatCannotBeReached_isSaidInOneSentence() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        Repository nobody = new RemoteRepository("nobody", URI.create("http://127.0.0.1:" + closed + "/"));
        Corpus corpus = new TextSetCorpus(TextSet.PENN_TREEBANK, nobody);
        assertThatThrownBy(corpus::fingerprint)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("data.corpus: penn-treebank has to be fetched from http://127.0.0.1:" + closed)
                .hasMessageContaining("expected an internet connection")
                .hasMessageContaining("wordnet comes with the program");
    }

    @Test
    void aRepositoryThatNeverAnswers_isGivenUpWithASentenceInAQuarterOfAMinute() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
            Corpus corpus = new TextSetCorpus(TextSet.PENN_TREEBANK, new RemoteRepository("silent", uri));
            long start = System.nanoTime();
            assertThatThrownBy(corpus::fingerprint)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("data.corpus: penn-treebank has to be fetched from " + uri)
                    .hasMessageContaining("nothing arrived for 15 s");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void fetchThatStandsStill_isGivenUp() {
        CountDownLatch never = new CountDownLatch(1);
        long start = System.nanoTime();
        assertThatThrownBy(() -> new PatientFetch("a stalled server", 300).call(progress -> {
                    progress.update(1);
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    return "";
                }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nothing arrived for");
        assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
    }

    @Test
    void fetchThatKeepsArriving_mayTakeLongerThanThePatience() throws IOException {
        String fetched = new PatientFetch("a slow server", 300).call(progress -> {
            for (int i = 0; i < 12; i++) {
                try {
                    Thread.sleep(60);
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                progress.update(i);
            }
            return "done";
        });
        assertThat(fetched).isEqualTo("done");
    }
}
