package norma.monitor.server;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/** The page's own files and the chart library, from the jars: nothing else has an address. */
final class PageFiles {
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,80}\\.(html|js|css|svg|png|woff2)");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "png", "image/png",
            "woff2", "font/woff2");
    private static final String WEBJARS = "/META-INF/resources/webjars/";
    private static final Map<String, String> LIBRARIES = Map.of(
            "uplot/uPlot.iife.min.js", WEBJARS + "uplot/1.6.30/dist/uPlot.iife.min.js",
            "uplot/uPlot.min.css", WEBJARS + "uplot/1.6.30/dist/uPlot.min.css");

    private PageFiles() {}

    /** A file of the page. */
    static void page(Context context, String name) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new RefusedException(404, "no such file");
        }
        send(context, "/norma/monitor/page/" + name);
    }

    /** A file of a chart library. */
    static void library(Context context) throws IOException {
        String resource = LIBRARIES.get(context.pathParam("library") + "/" + context.pathParam("name"));
        if (resource == null) {
            throw new RefusedException(404, "no such file");
        }
        send(context, resource);
    }

    private static void send(Context context, String resource) throws IOException {
        try (InputStream in = PageFiles.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new RefusedException(404, "no such file");
            }
            byte[] bytes = in.readAllBytes();
            CRC32C sum = new CRC32C();
            sum.update(bytes);
            String tag = "\"" + Long.toHexString(sum.getValue()) + "-" + bytes.length + "\"";
            context.header("Cache-Control", "no-cache"); // asked again, answered by 304
            context.header("ETag", tag);
            if (tag.equals(context.header("If-None-Match"))) {
                context.status(304);
                return;
            }
            context.contentType(TYPES.get(resource.substring(resource.lastIndexOf('.') + 1)));
            context.result(bytes);
        }
    }
}
