package norma.trainer.config;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Javadoc of a record, read from its source: what the record is, and what each component means. */
final class RecordJavadoc {
    private static final Pattern TAG = Pattern.compile("\\{@(code|link|linkplain) ([^}]*)}");
    private static final Pattern PARAM = Pattern.compile("@param (\\w+) (.*?)(?=@param|$)", Pattern.DOTALL);
    private static final Path ROOT = Path.of(System.getProperty("norma.root", ".."));

    private RecordJavadoc() {}

    /** By key; the empty key is the record's own. */
    static Map<String, String> of(Class<?> record) throws IOException {
        Matcher javadoc = Pattern.compile(
                        "/\\*\\*((?:(?!\\*/).)*?)\\*/\\s*(?:@[^\\n]*\\n\\s*)*(?:public )?record "
                                + record.getSimpleName() + "\\(",
                        Pattern.DOTALL)
                .matcher(source(record));
        if (!javadoc.find()) {
            throw new IllegalStateException(record + " has no Javadoc");
        }
        String text = javadoc.group(1).replaceAll("\\n\\s*\\* ?", " ").strip();
        Map<String, String> meanings = new TreeMap<>();
        int params = text.indexOf("@param");
        meanings.put("", withoutNull(plain(text.substring(0, params), record)));
        Matcher param = PARAM.matcher(text.substring(params));
        while (param.find()) {
            meanings.put(ConfigMeanings.key(param.group(1)), plain(param.group(2), record));
        }
        return meanings;
    }

    private static String source(Class<?> record) throws IOException {
        String name = record.getName().replaceFirst("\\$.*", "").replace('.', '/') + ".java";
        for (String module : new String[] {"datasets", "trainer"}) {
            Path file = ROOT.resolve(module).resolve("src/main/java").resolve(name);
            if (Files.exists(file)) {
                return Files.readString(file);
            }
        }
        throw new IllegalStateException(record + " has no source below " + ROOT.toAbsolutePath());
    }

    /** Without Javadoc's tags; components are called by their keys, and null is what has been left out. */
    private static String plain(String text, Class<?> record) {
        String plain = TAG.matcher(text.replaceAll("\\s+", " ").strip())
                .replaceAll(tag -> Matcher.quoteReplacement(
                        tag.group(1).equals("code") ? "`" + tag.group(2) + "`" : label(tag.group(2))));
        for (RecordComponent component : record.getRecordComponents()) {
            plain = plain.replace("`" + component.getName() + "`", "`" + ConfigMeanings.key(component.getName()) + "`");
        }
        return plain.replaceAll("; null: ", "; left out: ")
                .replaceAll("; null for none", "; left out: none")
                .replace("Null for none", "Left out: none")
                .replaceAll("; null for nothing", "; left out: nothing")
                .replace("; null in ", "; none in ");
    }

    /** Of {@code Devices#parseAll}: what a reader who has no Javadoc can look up. */
    private static String label(String link) {
        String[] words = link.split(" ", 2);
        return "`" + (words.length > 1 ? words[1] : words[0].replace('#', '.').replaceFirst("^\\.", "")) + "`";
    }

    /** Without what null stands for: of a sentence about that, what comes before it. */
    private static String withoutNull(String text) {
        return Stream.of(text.split("(?<=\\.) "))
                .map(sentence -> sentence.contains("null") ? beforeNull(sentence) : sentence)
                .filter(sentence -> !sentence.isEmpty())
                .reduce((a, b) -> a + " " + b)
                .orElse("");
    }

    private static String beforeNull(String sentence) {
        String clause = sentence.split("; ", 2)[0];
        return clause.contains("null") ? "" : clause + ".";
    }
}
