package norma.cli.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;

/** Damages the files of one format, one file in each case, and reads them. A case is a pure function of its seed. */
final class Fuzzer implements AutoCloseable {
    private static final long LIMIT_SECONDS = 30; // of a case that takes milliseconds, on a machine that does much else
    private static final int LONGEST_MESSAGE = 2000;

    private final Format format;
    private final Path work;
    private final ExecutorService reader = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "fuzz");
        thread.setDaemon(true); // one that hangs must not keep the process
        return thread;
    });
    private final String whole;

    /**
     * Reads the sample as it is.
     *
     * @param work a folder of its own, made and removed in every case
     */
    Fuzzer(Format format, Path work) throws Exception {
        this.format = format;
        this.work = work;
        copy(format.sample(), work);
        whole = format.reader().read(work);
    }

    /**
     * A case.
     *
     * @param what was done to which file
     * @param finding the message, or the stack trace of a failure
     */
    record Case(Format format, long seed, String what, Outcome outcome, String finding) {
        @Override
        public String toString() {
            return format.name() + ":" + seed + " " + what + " -> " + outcome.label() + "\n" + finding;
        }
    }

    Case run(long seed) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        String file = format.damaged().get(random.nextInt(format.damaged().size()));
        copy(format.sample(), work);
        byte[] bytes = Files.readAllBytes(work.resolve(file));
        Mutation mutation = Mutation.of(bytes, Mutation.contentOf(file), random);
        Files.write(work.resolve(file), mutation.bytes());
        return read(seed, file + ": " + mutation.what());
    }

    private Case read(long seed, String what) throws InterruptedException {
        Future<String> reading = reader.submit(() -> format.reader().read(work));
        try {
            boolean same = reading.get(LIMIT_SECONDS, TimeUnit.SECONDS).equals(whole);
            return new Case(format, seed, what, same ? Outcome.SAME : Outcome.DIFFERENT, "");
        } catch (TimeoutException e) {
            return new Case(format, seed, what, Outcome.HANG, "no answer in " + LIMIT_SECONDS + " s");
        } catch (ExecutionException e) {
            Throwable problem = e.getCause();
            boolean sentence = problem instanceof InvalidInputException
                    && saysWhere(problem.getMessage())
                    && problem.getMessage().length() <= LONGEST_MESSAGE
                    && problem.getMessage().lines().count() == 1;
            return sentence
                    ? new Case(format, seed, what, Outcome.REFUSED, problem.getMessage())
                    : new Case(format, seed, what, Outcome.INTERNAL_ERROR, stackTrace(problem));
        }
    }

    /**
     * By the file, by the key that asks for what the file lacks, by the table that lacks a column that is asked for, or
     * by what a file that is asked for was to be.
     */
    private boolean saysWhere(String message) {
        return message.contains(work.toString())
                || message.startsWith("data: column: ")
                || message.matches(".*/task\\.csv: line 1: found no column .*")
                || message.matches(".*the (training|held-out) file.*");
    }

    private static String stackTrace(Throwable problem) {
        StringWriter text = new StringWriter();
        problem.printStackTrace(new PrintWriter(text));
        return text.toString().lines().limit(40).reduce("", (all, line) -> all + line + "\n");
    }

    private static void copy(Path from, Path to) throws IOException {
        delete(to);
        try (Stream<Path> all = Files.walk(from)) {
            all.forEach(path -> {
                try {
                    Files.copy(path, to.resolve(from.relativize(path).toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> all;
            try (Stream<Path> found = Files.walk(folder)) {
                all = found.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : all) {
                Files.delete(path);
            }
        }
    }

    @Override
    public void close() {
        reader.shutdownNow();
    }
}
