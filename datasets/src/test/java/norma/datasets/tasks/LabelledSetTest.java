package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.repository.RemoteRepository;
import ai.djl.repository.Repository;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.corpus.Corpus;
import norma.datasets.metrics.Metric;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On small files in the sets' layouts, and repositories on this machine; DJL's own is never asked. */
@Tag("unit")
class LabelledSetTest {
    private static final String CACHE = "DJL_CACHE_DIR";

    private final List<String> served = Collections.synchronizedList(new ArrayList<>());

    private final String cacheBefore = System.getProperty(CACHE);

    @TempDir
    Path folder;

    @BeforeEach
    void cacheOfItsOwn() {
        System.setProperty(CACHE, folder.resolve("cache").toString());
    }

    @AfterEach
    void cacheOfTheUser() {
        if (cacheBefore == null) {
            System.clearProperty(CACHE);
        } else {
            System.setProperty(CACHE, cacheBefore);
        }
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Test
    void movieReviews_areLabelledByTheirFolders() throws IOException {
        write("train/pos/0_9.txt", "good<br /><br />film");
        write("train/neg/0_1.txt", "bad");
        write("test/pos/0_8.txt", "fine");
        write("test/neg/0_2.txt", "poor");
        LabelledTask task = LabelledSet.movieReviews(folder.resolve("train"), folder.resolve("test"));
        assertThat(task.kind()).isEqualTo(new TaskKind.Classification(List.of("negative", "positive")));
        assertThat(task.train().examples())
                .containsExactly(
                        new LabelledExample("bad", null, new Label.OneClass(0)),
                        new LabelledExample("good film", null, new Label.OneClass(1)));
        assertThat(task.devs().get(0).examples())
                .containsExactly(
                        new LabelledExample("poor", null, new Label.OneClass(0)),
                        new LabelledExample("fine", null, new Label.OneClass(1)));
    }

    @Test
    void goEmotions_haveSeveralLabelsByNumber() throws IOException {
        Path train = write("train.tsv", "Oh \"no\"\t2,27\teb\nHa\t1\tec\n");
        LabelledTask task = LabelledSet.goEmotions(train, write("dev.tsv", "Thanks\t15\ted\n"));
        List<String> names = ((TaskKind.MultiLabel) task.kind()).labels();
        assertThat(names).hasSize(28).doesNotHaveDuplicates();
        assertThat(task.train().examples())
                .containsExactly(
                        new LabelledExample("Oh \"no\"", null, new Label.Several(List.of(2, 27))),
                        new LabelledExample("Ha", null, new Label.Several(List.of(1))));
        assertThat(List.of(names.get(1), names.get(2), names.get(15), names.get(27)))
                .containsExactly("amusement", "anger", "gratitude", "neutral");
        assertThat(task.headline()).containsExactly(Metric.LABEL_MACRO_F1);
        Path wrong = write("wrong.tsv", "Ha\t1,28\tec\n");
        assertThatThrownBy(() -> LabelledSet.goEmotions(wrong, train))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(wrong + ": line 1, column emotions: found \"28\", expected one of 0, 1, 2");
    }

    @Test
    void amazonReviews_haveStars_andLoseTornRows() throws IOException {
        StringBuilder rows = new StringBuilder("review_id\tstar_rating\treview_body\treview_date\n");
        for (int i = 0; i < 400; i++) {
            rows.append("R")
                    .append(i)
                    .append('\t')
                    .append(1 + i % 5)
                    .append("\tbody ")
                    .append(i / 2)
                    .append("\tday\n");
        }
        rows.append("R\t2015-08-31\tbody\tday\nR\t5\t\tday\nR\t5\n");
        LabelledTask task = LabelledSet.amazonReviews(write("us.tsv", rows.toString()));
        assertThat(task.kind()).isEqualTo(new TaskKind.Classification(List.of("1", "2", "3", "4", "5")));
        List<LabelledExample> all = new ArrayList<>(task.train().examples());
        List<LabelledExample> held = task.devs().get(0).examples();
        List<String> training = all.stream().map(LabelledExample::text).toList();
        assertThat(held).isNotEmpty().noneMatch(example -> training.contains(example.text()));
        all.addAll(held);
        assertThat(all).hasSize(400);
        assertThat(all).contains(new LabelledExample("body 3", null, new Label.OneClass(2)));
        assertThat(task.train().leftOut()).containsExactly(402L, 403L, 404L);
    }

    @Test
    void repositoryThatCannotBeReached_isSaidInOneSentence() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        Repository nobody = new RemoteRepository("nobody", URI.create("http://127.0.0.1:" + closed + "/"));
        for (LabelledSet set : LabelledSet.values()) {
            assertThatThrownBy(() -> new TaskSource.Fetched(set, nobody).load())
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith(
                            "task: " + set.title() + " has to be fetched from http://127.0.0.1:" + closed)
                    .hasMessageContaining("expected an internet connection")
                    .hasMessageContaining("wordnet comes with the program");
        }
    }

    @Test
    void names_leadToTheSets() {
        for (LabelledSet set : LabelledSet.values()) {
            assertThat(TaskSource.named(set.title(), null).name()).isEqualTo(set.title());
            assertThat(Corpus.keys()).as("a corpus of the same name").contains(set.title());
        }
        assertThat(TaskSource.named("StanfordMovieReview", null).name()).isEqualTo("stanford-movie-review");
        assertThat(TaskSource.names()).hasSize(13);
        assertThatThrownBy(() -> TaskSource.named("goemotion", null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("did you mean goemotions?");
        assertThatThrownBy(() -> TaskSource.named("WordNet", folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("task: data: found " + folder + ", expected none");
    }

    @Test
    void set_isFetchedOnceFromItsRepository() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String base = "/dataset/nlp/ai/djl/basicdataset/goemotions/";
        String train = "Ha\t1\tec\nHo\t1,2\tex\n";
        String dev = "Hm\t27\tey\n";
        serve(server, base + "train.tsv", train);
        serve(server, base + "dev.tsv", dev);
        serve(
                server,
                base + "metadata.json",
                "{\"metadataVersion\": \"0.2\", \"resourceType\": \"dataset\", \"application\": \"nlp\","
                        + " \"groupId\": \"ai.djl.basicdataset\", \"artifactId\": \"goemotions\", \"artifacts\":"
                        + " [{\"version\": \"1.0\", \"snapshot\": false, \"files\": {" + item("train", train) + ", "
                        + item("dev", dev) + "}}]}");
        server.start();
        try {
            URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            LabelledTask task = new TaskSource.Fetched(LabelledSet.GO_EMOTIONS, new RemoteRepository("r", uri)).load();
            assertThat(task.train().examples()).hasSize(2);
            assertThat(task.devs().get(0).examples())
                    .containsExactly(new LabelledExample("Hm", null, new Label.Several(List.of(27))));
            assertThat(served).containsOnlyOnce(base + "train.tsv", base + "dev.tsv");
            new TaskSource.Fetched(LabelledSet.GO_EMOTIONS, new RemoteRepository("r", uri)).load();
            assertThat(served).containsOnlyOnce(base + "train.tsv", base + "dev.tsv");
        } finally {
            server.stop(0);
        }
    }

    private void serve(HttpServer server, String path, String text) {
        server.createContext(path, exchange -> {
            served.add(path);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private static String item(String name, String text) throws NoSuchAlgorithmException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        String sha1 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        return String.format(
                "\"%s\": {\"uri\": \"%s.tsv\", \"sha1Hash\": \"%s\", \"size\": %d}", name, name, sha1, bytes.length);
    }
}
