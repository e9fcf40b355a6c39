import com.github.luben.zstd.ZstdInputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes what Zstandard files hold to standard output, one after the other. */
final class Decompress {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            try (ZstdInputStream in = new ZstdInputStream(Files.newInputStream(Path.of(file)))) {
                in.transferTo(System.out);
            }
        }
        System.out.flush();
    }
}
