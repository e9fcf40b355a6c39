package norma.monitor.server;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.BufferUtil;

/** What Jetty itself refuses, such as a malformed address, in the same form as the rest and without a word of it. */
final class PlainErrors extends ErrorHandler {
    private static final String SENTENCE = "the request cannot be answered";

    /** Before there is a request: what was sent is none. */
    @Override
    public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
        fields.put(HttpHeader.CONTENT_TYPE, "application/json; charset=utf-8");
        return BufferUtil.toBuffer(MonitorServer.error(SENTENCE));
    }

    @Override
    public void handle(String target, Request request, HttpServletRequest servletRequest, HttpServletResponse response)
            throws IOException {
        response.setContentType("application/json; charset=utf-8");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Content-Security-Policy", "default-src 'none'");
        request.setHandled(true);
        try (OutputStream out = response.getOutputStream()) {
            out.write(MonitorServer.error(SENTENCE));
        }
    }
}
