package norma.monitor.server;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Who may ask. What every request has to be: a read; to a name that this server is known by, or a page of somebody else
 * could point its own name at this address and read what the browser sees (DNS rebinding); from this page and no other;
 * with the token, where there is one; and one of not too many.
 */
final class Gate {
    static final String TOKEN = "token";
    private static final int BAD = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_ALLOWED = 405;
    private static final int TOO_MANY = 429;
    private static final int AT_ONCE = 300;
    private static final int PER_SECOND = 60;
    private static final Pattern NUMERIC = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.%]+]");
    private static final Pattern MALFORMED = Pattern.compile("%(?![0-9A-Fa-f]{2})");
    private static final String BEARER = "Bearer ";

    private final Optional<byte[]> token;
    private final Set<String> names = new TreeSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
    private final boolean anyNumber;
    private final RequestRate rate = new RequestRate(AT_ONCE, PER_SECOND, System::nanoTime);

    /**
     * Of a server.
     *
     * @param host that it listens on
     * @param token that is asked for
     */
    Gate(String host, Optional<String> token) {
        this.token = token.map(text -> text.getBytes(StandardCharsets.UTF_8));
        boolean loopback = isLoopback(host);
        names.add(bracketed(host).toLowerCase(Locale.ROOT));
        anyNumber = !loopback; // a number is no name that somebody could point elsewhere
        if (!loopback) {
            try {
                InetAddress self = InetAddress.getLocalHost();
                names.add(self.getHostName().toLowerCase(Locale.ROOT));
                names.add(self.getCanonicalHostName().toLowerCase(Locale.ROOT));
            } catch (UnknownHostException e) {
                names.add("localhost"); // a machine without a name
            }
        }
    }

    /** Whether an address is the machine's own, which nobody else can reach. */
    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String bracketed(String host) {
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    /**
     * Lets a request pass.
     *
     * @throws RefusedException if it is not one to be answered
     */
    void require(Context context) {
        if (context.method() != HandlerType.GET && context.method() != HandlerType.HEAD) {
            throw new RefusedException(NOT_ALLOWED, "only GET and HEAD: the monitor changes nothing");
        }
        requireWellFormed(context.req().getRequestURI());
        requireWellFormed(context.req().getQueryString());
        String host = context.header("Host");
        requireName(host);
        requireOwnPage(context, host);
        if (!rate.allows(context.req().getRemoteAddr())) {
            context.header("Retry-After", "1");
            throw new RefusedException(TOO_MANY, "too many requests: at most " + PER_SECOND + " a second");
        }
        requireToken(context);
    }

    private static void requireWellFormed(String text) {
        if (text != null && MALFORMED.matcher(text).find()) {
            throw new RefusedException(BAD, "the address is malformed: after % come two hexadecimal digits");
        }
    }

    /** Whether a header's host is one that this server goes by. */
    boolean isKnown(String host) {
        String name = host == null ? "" : host.toLowerCase(Locale.ROOT).replaceFirst(":\\d{1,5}$", "");
        return names.contains(name) || (anyNumber && NUMERIC.matcher(name).matches());
    }

    private void requireName(String host) {
        if (!isKnown(host)) {
            throw new RefusedException(
                    FORBIDDEN, "this server is not known by that name, expected one of " + String.join(", ", names));
        }
    }

    private static void requireOwnPage(Context context, String host) {
        String origin = context.header("Origin");
        if (origin != null && !origin.equalsIgnoreCase("http://" + host)) {
            throw new RefusedException(FORBIDDEN, "asked by a page of another origin");
        }
        String site = context.header("Sec-Fetch-Site");
        boolean foreign = site != null && !site.equals("same-origin") && !site.equals("none");
        if (foreign && !"navigate".equals(context.header("Sec-Fetch-Mode"))) {
            throw new RefusedException(FORBIDDEN, "asked by a page of another site");
        }
    }

    private void requireToken(Context context) {
        if (token.isEmpty()) {
            return;
        }
        String shown = context.cookie(cookie(context));
        String header = context.header("Authorization");
        if (header != null && header.startsWith(BEARER)) {
            shown = header.substring(BEARER.length());
        }
        boolean first = context.path().equals("/") && isToken(context.queryParam(TOKEN));
        if (!first && !isToken(shown)) {
            throw new RefusedException(
                    UNAUTHORIZED, "no token, or a wrong one: open the address that the monitor printed");
        }
    }

    /** Compares without telling by its time how much is right. */
    private boolean isToken(String shown) {
        return shown != null && MessageDigest.isEqual(token.orElseThrow(), shown.getBytes(StandardCharsets.UTF_8));
    }

    /** The cookie that holds the token: cookies do not know ports, so the name does. */
    static String cookie(Context context) {
        return "norma-monitor-" + context.req().getLocalPort();
    }
}
