package norma.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A standalone cluster of Spark's on this machine: a master and workers, each a process. */
final class SparkCluster implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final Process master;
    private final List<Process> workers = new ArrayList<>();

    SparkCluster(Path folder, int workers) throws Exception {
        this.folder = folder;
        Files.createDirectories(folder.resolve("jars")); // executors have their class path from the driver
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        master = start("master", "org.apache.spark.deploy.master.Master", "--port", port);
        while (!answers()) {
            assertThat(master.isAlive()).as("master").isTrue();
            Thread.sleep(100);
        }
        for (int i = 0; i < workers; i++) {
            this.workers.add(start(
                    "worker-" + i,
                    "org.apache.spark.deploy.worker.Worker",
                    "--cores",
                    1,
                    "--memory",
                    "4g",
                    "--work-dir",
                    folder.resolve("work-" + i),
                    url()));
        }
    }

    String url() {
        return "spark://127.0.0.1:" + port;
    }

    Process worker(int number) {
        return workers.get(number);
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private Process start(String name, Object... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dlogback.configurationFile=norma/sweep/spark/executor-logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                words[0].toString(),
                "--host",
                "127.0.0.1",
                "--webui-port",
                "0"));
        for (int i = 1; i < words.length; i++) {
            command.add(words[i].toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment()
                .putAll(Map.of(
                        "SPARK_HOME", folder.toString(), "SPARK_SCALA_VERSION", "2.13", "SPARK_LOCAL_IP", "127.0.0.1"));
        return builder.start();
    }

    /** SIGKILL to a worker and its executor, but not to the process that trains: that one has to notice by itself. */
    void kill(int number) {
        Process worker = workers.get(number);
        List<ProcessHandle> executors = worker.children().toList();
        worker.destroyForcibly();
        executors.forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() {
        for (Process worker : workers) {
            worker.descendants().forEach(ProcessHandle::destroyForcibly);
            worker.destroyForcibly();
        }
        master.destroyForcibly();
    }
}
