package norma.cli.terminal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import norma.datasets.base.Quoted;

/**
 * UTF-8 on its way to a terminal: what a terminal would obey is {@linkplain Quoted#escapedLines spelt out}, whichever
 * file it comes from and whoever prints it. In JSON nothing changes: there such a character stands in a string, where
 * this spelling means the same.
 */
final class SpeltOutStream extends OutputStream {
    private final OutputStream out;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] begun = {}; // of a character whose end has not come

    SpeltOutStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(begun.length + length)
                .put(begun)
                .put(bytes, offset, length)
                .flip();
        CharBuffer text = CharBuffer.allocate(in.remaining());
        decoder.decode(in, text, false);
        begun = new byte[in.remaining()];
        in.get(begun);
        out.write(Quoted.escapedLines(text.flip().toString()).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
