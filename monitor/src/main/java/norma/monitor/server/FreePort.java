package norma.monitor.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import norma.datasets.base.InvalidInputException;

/** Whether a port can be listened on, and which one can. */
final class FreePort {
    private static final int LAST = 65_535;
    private static final int TRIED = 100;

    private FreePort() {}

    /**
     * Refuses a port that is taken.
     *
     * @throws InvalidInputException naming it and the next one that is free, or a host that this machine does not have
     */
    static void require(String host, int port) {
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw InvalidInputException.setting("host", host, "an address of this machine");
        }
        try {
            listen(address, 0);
        } catch (IOException e) {
            throw InvalidInputException.setting("host", host, "an address of this machine (" + e.getMessage() + ")");
        }
        if (port != 0 && !isFree(address, port)) {
            throw InvalidInputException.setting("port", port + ", which is taken or not allowed", next(address, port));
        }
    }

    private static String next(InetAddress address, int port) {
        for (int next = port + 1; next <= Math.min(LAST, port + TRIED); next++) {
            if (isFree(address, next)) {
                return "one that is free, such as " + next;
            }
        }
        return "one that is free";
    }

    private static boolean isFree(InetAddress address, int port) {
        try {
            listen(address, port);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void listen(InetAddress address, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // one that was closed a moment ago is free
            socket.bind(new InetSocketAddress(address, port));
        }
    }
}
