package norma.sweep.spark;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.trainer.run.MachineMemory;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/** Spark's side of a sweep: executors, each of which trains one run at a time, and a job for each run. */
final class Cluster implements AutoCloseable {
    /** What an executor takes beside the process of its run: Java's heap and Spark in it. */
    private static final long EXECUTOR_BYTES = 512L << 20;

    private static final long MEBIBYTE = 1L << 20;
    private static final int TRIES = 4;
    private static final int LOOKS = 16;
    private static final int CONNECT_MILLIS = 5000;
    private static final String THIS_MACHINE = "127.0.0.1";

    private final ClusterSettings settings;
    private final JavaSparkContext spark;

    private Cluster(ClusterSettings settings, JavaSparkContext spark) {
        this.settings = settings;
        this.spark = spark;
    }

    /**
     * Refuses settings with which the largest run would not fit, and a master that does not answer; nothing is started
     * yet.
     *
     * @param largest bytes that the process of a run takes at most
     */
    static void require(ClusterSettings settings, double largest) {
        if (settings.localCores().isPresent()) {
            int atOnce = settings.localCores().getAsInt() / settings.threads();
            double free = MachineMemory.available();
            if (atOnce * largest > free) {
                throw InvalidInputException.setting(
                        "master",
                        settings.master(),
                        "fewer cores: " + Counted.of(atOnce, "run") + " at once, " + MachineMemory.size(largest)
                                + " each, take about " + MachineMemory.size(atOnce * largest) + ", and there are "
                                + MachineMemory.size(free) + " free in this machine");
            }
            return;
        }
        long needed = needed(largest);
        settings.executorMemory().ifPresent(given -> {
            if (ClusterSettings.bytes(given) < needed) {
                throw InvalidInputException.setting(
                        "executor-memory",
                        given,
                        "at least " + needed / MEBIBYTE + "m: a run takes about " + MachineMemory.size(largest)
                                + ", and the executor itself " + MachineMemory.size((double) EXECUTOR_BYTES));
            }
        });
        requireManager(settings.master(), "k8s://", "kubernetes", "k8s.KubernetesClusterManager");
        requireManager(settings.master(), "yarn", "yarn", "YarnClusterManager");
        requireMaster(settings.master());
    }

    /** Spark's core knows standalone clusters alone, and finds the others in jars of their own. */
    private static void requireManager(String master, String prefix, String artifact, String name) {
        if (!master.startsWith(prefix)) {
            return;
        }
        try {
            Class.forName("org.apache.spark.scheduler.cluster." + name, false, Cluster.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw InvalidInputException.setting(
                    "master",
                    master,
                    "spark-" + artifact + "_2.13 and what it needs on the class path (NORMA_SPARK_CLASSPATH), or"
                            + " spark://HOST:PORT");
        }
    }

    private static long needed(double largest) {
        return (long) Math.ceil((largest + EXECUTOR_BYTES) / MEBIBYTE) * MEBIBYTE;
    }

    /** Spark itself would try for a minute, and then end in a thread of its own. */
    private static void requireMaster(String master) {
        if (!master.startsWith("spark://")) {
            return;
        }
        IOException last = null;
        for (String address : master.substring("spark://".length()).split(",", -1)) {
            String host = address.substring(0, address.lastIndexOf(':'));
            int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
                return;
            } catch (IOException | IllegalArgumentException e) { // a port that is none, a host that nobody knows
                last = e instanceof IOException io ? io : new IOException(e.getMessage(), e);
            }
        }
        throw InvalidInputException.setting(
                "master", master, "a master that answers (" + (last == null ? "none" : last.getMessage()) + ")");
    }

    /**
     * Connects.
     *
     * @param name of the application, for Spark's own pages
     * @param largest bytes that the process of a run takes at most
     */
    static Cluster connect(ClusterSettings settings, String name, double largest) {
        return new Cluster(settings, new JavaSparkContext(conf(settings, name, largest)));
    }

    private static SparkConf conf(ClusterSettings settings, String name, double largest) {
        SparkConf conf = new SparkConf();
        conf.setAppName(name);
        conf.set("spark.ui.enabled", "false");
        conf.set("spark.locality.wait", "0");
        conf.set("spark.task.cpus", Integer.toString(settings.threads()));
        conf.set("spark.task.maxFailures", Integer.toString(TRIES));
        if (settings.localCores().isPresent()) {
            conf.setMaster("local[" + settings.localCores().getAsInt() + "," + TRIES + "]");
        } else {
            conf.setMaster(settings.master());
            conf.set("spark.executor.cores", Integer.toString(settings.threads())); // one run at a time
            conf.set("spark.executor.memory", settings.executorMemory().orElse(needed(largest) / MEBIBYTE + "m"));
            conf.set("spark.executor.extraClassPath", System.getProperty("java.class.path"));
            conf.set(
                    "spark.executor.extraJavaOptions",
                    "-Dlogback.configurationFile=norma/sweep/spark/executor-logback.xml");
        }
        if (settings.localCores().isPresent() || settings.master().startsWith("spark://" + THIS_MACHINE)) {
            conf.set("spark.driver.host", THIS_MACHINE);
            conf.set("spark.driver.bindAddress", THIS_MACHINE);
        }
        settings.conf().forEach(conf::set);
        return conf;
    }

    /**
     * Waits for executors and asks each what it sees.
     *
     * @throws InvalidInputException if none comes, one does not see the sweep's folder, or one's machine has not the
     *     memory that was asked for
     */
    void requireExecutors(String folder, String token, double largest, StopCheck stop) throws InterruptedException {
        awaitExecutor(stop);
        Map<String, ExecutorView> views = new TreeMap<>();
        List<Integer> looks = IntStream.range(0, LOOKS).boxed().toList();
        try {
            spark.parallelize(looks, LOOKS)
                    .map(new ExecutorView.Look(folder, token))
                    .collectAsync()
                    .get()
                    .forEach(view -> views.put(view.executor(), view));
        } catch (ExecutionException e) {
            throw new InvalidInputException(
                    "the executors of " + settings.master() + " cannot run Norma: " + RunJob.reason(e)
                            + "; expected executors with Norma's class path and a Java of version 17 or newer",
                    e);
        }
        for (ExecutorView view : views.values()) {
            if (!view.seesFolder()) {
                throw InvalidInputException.setting(
                        "runs",
                        folder,
                        "a folder that every executor sees and can write under the same path: the one on " + view.host()
                                + " does not");
            }
            if (settings.localCores().isEmpty() && view.memoryBytes() < needed(largest)) {
                throw InvalidInputException.setting(
                        "master",
                        settings.master(),
                        "executors with at least " + MachineMemory.size((double) needed(largest)) + ": " + view.host()
                                + " has " + MachineMemory.size((double) view.memoryBytes()));
            }
        }
    }

    /** Whether somebody wants the sweep to stop. */
    @FunctionalInterface
    interface StopCheck {
        boolean requested();
    }

    private void awaitExecutor(StopCheck stop) throws InterruptedException {
        Duration patience = settings.patience();
        Instant latest = Instant.now().plus(patience);
        while (settings.localCores().isEmpty()
                && spark.sc().statusTracker().getExecutorInfos().length < 2 // the driver is one of them
                && !stop.requested()) {
            if (Instant.now().isAfter(latest)) {
                throw InvalidInputException.setting(
                        "master",
                        settings.master(),
                        "a worker with "
                                + (settings.threads() == 1 ? "a free core" : settings.threads() + " free cores")
                                + " and "
                                + spark.getConf().get("spark.executor.memory") + " of free memory: no executor came in "
                                + patience.toSeconds() + " s");
            }
            Thread.sleep(200);
        }
    }

    /** A job of one task, which Spark tries again when its executor is lost or it fails. */
    RunJob submit(RunTask task) {
        JavaFutureAction<List<String>> future = spark.parallelize(Collections.singletonList(task), 1)
                .map(new RunFunction())
                .collectAsync();
        return new RunJob(task, future);
    }

    @Override
    public void close() {
        spark.close();
    }
}
