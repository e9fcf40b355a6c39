package norma.datasets.corpus;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import norma.datasets.InvalidInputException;

/** From the paths of a configuration to files, sorted. */
final class InputFiles {
    private static final String KEY = "data.paths";

    private InputFiles() {}

    /** Files, everything below folders (hidden files left out), and whatever globs match. */
    static List<Path> resolve(List<String> patterns) {
        TreeSet<Path> files = new TreeSet<>();
        for (String pattern : patterns) {
            int before = files.size();
            try {
                if (Files.exists(Path.of(pattern))) {
                    addBelow(Path.of(pattern), files);
                } else if (pattern.matches(".*[*?\\[{].*")) {
                    addMatches(pattern, files);
                } else {
                    throw InvalidInputException.of(KEY, pattern, "nothing", "an existing file, folder or glob");
                }
            } catch (IOException e) {
                throw new InvalidInputException(KEY + ": " + pattern + " cannot be read: " + e.getMessage(), e);
            }
            if (files.size() == before) {
                throw InvalidInputException.of(KEY, pattern, "no file", "a folder or glob with at least one file");
            }
        }
        return List.copyOf(files);
    }

    private static void addBelow(Path start, Set<Path> files) throws IOException {
        try (Stream<Path> found = Files.walk(start)) {
            found.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .forEach(files::add);
        }
    }

    private static void addMatches(String pattern, Set<Path> files) throws IOException {
        String fixed = pattern.replaceAll("[*?\\[{].*", "");
        Path folder = fixed.contains("/") ? Path.of(fixed.substring(0, fixed.lastIndexOf('/') + 1)) : Path.of("");
        if (!Files.isDirectory(folder.toAbsolutePath())) {
            return;
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        try (Stream<Path> found = Files.walk(folder)) {
            found.filter(Files::isRegularFile).filter(matcher::matches).forEach(files::add);
        }
    }

    /** Path, size and times of change of every file. */
    static String fingerprint(List<Path> files) {
        StringBuilder text = new StringBuilder();
        for (Path file : files) {
            try {
                Map<String, Object> attributes = Files.readAttributes(file, "size,lastModifiedTime,fileKey");
                text.append(file.toAbsolutePath().normalize())
                        .append(attributes)
                        .append('\n');
            } catch (IOException e) {
                throw new InvalidInputException(KEY + ": " + file + " cannot be read: " + e.getMessage(), e);
            }
        }
        return text.toString();
    }
}
