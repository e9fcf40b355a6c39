package norma.cli.terminal;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Where the log goes: warnings to people, everything into a run's {@code norma.log}. */
final class Logging {
    private Logging() {}

    /** A file that the log goes to. */
    interface File extends AutoCloseable {
        /** No file at all. */
        File NONE = () -> {};

        @Override
        void close();
    }

    /** Starts afresh with warnings and errors on a stream: {@code verbose} adds the rest. */
    static void toTerminal(OutputStream stream, boolean verbose) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Level level = verbose ? Level.DEBUG : Level.WARN;
        ThresholdFilter filter = new ThresholdFilter();
        filter.setLevel(level.toString());
        filter.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.addFilter(filter);
        appender.setEncoder(encoder(context, "%replace(norma: %level){'norma: WARN', 'warning'}: %message%n%nopex"));
        appender.setOutputStream(new KeptOpen(stream));
        appender.start();
        root(context).addAppender(appender);
        root(context).setLevel(Level.INFO);
        context.getLogger("norma").setLevel(Level.DEBUG);
        // On a machine without an NVIDIA driver it warns at every start; doctor says what was found.
        context.getLogger("ai.djl.util.cuda").setLevel(verbose ? Level.INFO : Level.ERROR);
        // The monitor's server warns of every page that is closed while something is on its way to it.
        context.getLogger("io.javalin").setLevel(verbose ? Level.INFO : Level.ERROR);
        context.getLogger("org.eclipse.jetty").setLevel(verbose ? Level.INFO : Level.ERROR);
        // Spark warns of every lost executor, which a sweep is made for, and of natives that it does without.
        for (String spark : List.of("org.apache.spark", "org.apache.hadoop", "io.netty", "org.sparkproject")) {
            context.getLogger(spark).setLevel(verbose ? Level.INFO : Level.OFF);
        }
    }

    /** Appends to a file until it is closed. */
    static File toFile(Path file) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setEncoder(encoder(context, "%date{ISO8601} %-5level %logger{20} - %message%n"));
        appender.start();
        root(context).addAppender(appender);
        return () -> {
            root(context).detachAppender(appender);
            appender.stop();
        };
    }

    private static PatternLayoutEncoder encoder(LoggerContext context, String pattern) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(pattern);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.start();
        return encoder;
    }

    private static Logger root(LoggerContext context) {
        return context.getLogger(Logger.ROOT_LOGGER_NAME);
    }

    /**
     * A stream that others write to as well: Logback closes what it no longer logs to, and their sentences were lost.
     */
    private static final class KeptOpen extends FilterOutputStream {
        KeptOpen(OutputStream stream) {
            super(stream);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
