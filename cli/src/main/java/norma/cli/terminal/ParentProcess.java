package norma.cli.terminal;

import java.io.IOException;
import java.io.InputStream;

/**
 * The process that started this one and holds the other end of its standard input. However that process ends, SIGKILL
 * too, the pipe ends with it.
 */
public final class ParentProcess {
    private ParentProcess() {}

    /** Ends this process as soon as the pipe ends; nobody is there any more to say so to. */
    public static void haltWithIt(InputStream pipe) {
        Thread watch = new Thread(
                () -> {
                    try {
                        while (pipe.read() >= 0) {
                            // Nothing is ever said, but only an end is one.
                        }
                    } catch (IOException e) {
                        // As good as its end.
                    }
                    Runtime.getRuntime().halt(ExitCode.FAILED);
                },
                "norma-parent");
        watch.setDaemon(true);
        watch.start();
    }
}
