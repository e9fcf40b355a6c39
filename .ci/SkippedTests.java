import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Prints which tests of a build were skipped, by reason, from Surefire's reports: {@code java SkippedTests.java ROOT
 * START}. Reports that are older than the build's start are of another build and do not count.
 */
public final class SkippedTests {
    private final Map<String, Map<String, Integer>> classesByReason = new TreeMap<>();
    private int tests;
    private int skipped;

    private SkippedTests() {}

    /** The folder of the build, and when it started. */
    public static void main(String[] args) throws Exception {
        SkippedTests found = new SkippedTests();
        Instant start = Instant.parse(args[1]);
        for (Path report : reports(Path.of(args[0]))) {
            if (!Files.getLastModifiedTime(report).toInstant().isBefore(start)) {
                found.read(report);
            }
        }
        if (found.tests > 0) {
            System.out.print(found);
        }
    }

    /** Of the root's modules, and of those a folder deeper, such as examples/java. */
    private static List<Path> reports(Path root) throws IOException {
        try (Stream<Path> files = Files.find(
                root,
                5,
                (path, attributes) -> path.getParent().endsWith("target/surefire-reports")
                        && path.getFileName().toString().matches("TEST-.*\\.xml"))) {
            return files.sorted().toList();
        }
    }

    private void read(Path report) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        NodeList cases = builder.parse(report.toFile()).getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
            Element test = (Element) cases.item(i);
            tests++;
            NodeList marks = test.getElementsByTagName("skipped");
            if (marks.getLength() > 0) {
                skipped++;
                String name = test.getAttribute("classname");
                classesByReason
                        .computeIfAbsent(reason((Element) marks.item(0)), reason -> new TreeMap<>())
                        .merge(name.substring(name.lastIndexOf('.') + 1), 1, Integer::sum);
            }
        }
    }

    /** What the test said, without the words of JUnit and AssertJ around it. */
    private static String reason(Element mark) {
        String message = mark.getAttribute("message").strip();
        message = message.isEmpty() ? mark.getTextContent().strip() : message;
        String first = message.replaceFirst(
                        "^(\\S*TestAbortedException: )?(Assumption failed: |assumption was not met due to:\\s*)?", "")
                .lines()
                .findFirst()
                .orElse("no reason given");
        return first.replaceFirst("^\\[?skipped: ([^\\]]*)\\]?.*$", "$1");
    }

    @Override
    public String toString() {
        if (skipped == 0) {
            return String.format("%nOf %,d tests none was skipped.%n", tests);
        }
        StringBuilder text = new StringBuilder(String.format("%nOf %,d tests %,d were skipped:%n", tests, skipped));
        classesByReason.forEach((reason, classes) -> text.append(String.format(
                "%5d  %s%n       (%s)%n",
                classes.values().stream().mapToInt(Integer::intValue).sum(),
                reason,
                String.join(", ", new TreeSet<>(classes.keySet())))));
        return text.append(String.format("%n")).toString();
    }
}
