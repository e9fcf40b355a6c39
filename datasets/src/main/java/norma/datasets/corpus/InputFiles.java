package norma.datasets.corpus;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.SpecialFile;

/** From the paths of a configuration to files, in an order that depends on nothing but their names. */
final class InputFiles {
    private static final Pattern GLOB = Pattern.compile("[*?\\[{]");

    private InputFiles() {}

    /**
     * The files of each path in turn, sorted by name; a file that is met twice counts once.
     *
     * @param paths files, folders (all below them, hidden files left out) and globs
     * @param wanted which files of a folder to take
     * @throws InvalidInputException if a path leads to no file
     */
    static List<Path> resolve(List<String> paths, Predicate<String> wanted) {
        Map<Path, Path> files = new LinkedHashMap<>();
        for (String path : paths) {
            List<Path> found = find(path, wanted);
            if (found.isEmpty()) {
                throw wrong(path, " (no file)", "a folder or glob with at least one file");
            }
            found.forEach(file -> files.putIfAbsent(file.toAbsolutePath().normalize(), file));
        }
        return List.copyOf(files.values());
    }

    private static List<Path> find(String path, Predicate<String> wanted) {
        try {
            Path start = Path.of(path);
            if (Files.isDirectory(start)) {
                return walk(
                        start, Integer.MAX_VALUE, file -> isVisible(start.relativize(file)) && wanted.test(name(file)));
            }
            if (Files.exists(start)) {
                SpecialFile.refuse(start, "a file, folder or glob with text");
                return List.of(start);
            }
            if (GLOB.matcher(path).find()) {
                return matches(path);
            }
        } catch (InvalidPathException | PatternSyntaxException e) {
            throw wrong(path, " (" + e.getMessage() + ")", "a file, folder or glob");
        } catch (UncheckedIOException e) {
            throw unreadable(path, e.getCause());
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        throw wrong(path, "", "an existing file, folder or glob");
    }

    private static InvalidInputException wrong(String path, String reason, String expected) {
        return InvalidInputException.of("data", "paths", path + reason, expected);
    }

    private static List<Path> matches(String glob) throws IOException {
        String fixed = GLOB.split(glob, 2)[0];
        int fixedLength = fixed.lastIndexOf('/') + 1;
        Path folder = Path.of(glob.substring(0, fixedLength));
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
        return Files.isDirectory(folder.toAbsolutePath())
                ? walk(folder, depth(glob.substring(fixedLength)), matcher::matches)
                : List.of();
    }

    /** How many folders deep a match can lie: no wildcard but {@code **} stands for a slash. */
    private static int depth(String pattern) {
        return pattern.contains("**")
                ? Integer.MAX_VALUE
                : 1 + (int) pattern.chars().filter(c -> c == '/').count();
    }

    private static List<Path> walk(Path start, int depth, Predicate<Path> wanted) throws IOException {
        try (Stream<Path> found = Files.walk(start, depth, FileVisitOption.FOLLOW_LINKS)) {
            return found.filter(file -> Files.isRegularFile(file) && wanted.test(file))
                    .sorted(Comparator.comparing(file -> start.relativize(file).toString()))
                    .toList();
        }
    }

    private static boolean isVisible(Path relative) {
        for (Path part : relative) {
            if (part.toString().startsWith(".")) {
                return false;
            }
        }
        return true;
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    /** Path, size, times of change and, where there are any, inode numbers of every file. */
    static String fingerprint(List<Path> files) {
        StringBuilder text = new StringBuilder();
        boolean unix = FileSystems.getDefault().supportedFileAttributeViews().contains("unix");
        for (Path file : files) {
            try {
                Path absolute = file.toAbsolutePath().normalize();
                text.append(absolute).append(' ').append(Files.size(file));
                text.append(' ').append(Files.getLastModifiedTime(file));
                if (unix) {
                    text.append(' ').append(Files.getAttribute(file, "unix:ctime"));
                    text.append(' ').append(Files.getAttribute(file, "unix:ino"));
                }
                text.append('\n');
            } catch (IOException e) {
                throw unreadable(file.toString(), e);
            }
        }
        return text.toString();
    }

    /** What to say about a file, or about a folder or glob of which {@code e} names the part, that cannot be read. */
    static InvalidInputException unreadable(String file, IOException e) {
        String part = e instanceof FileSystemException system ? system.getFile() : null;
        String where = part == null || part.equals(file) ? "" : part + ": ";
        return new InvalidInputException(file + " cannot be read: " + where + reason(e), e);
    }

    private static String reason(IOException e) {
        if (e instanceof EOFException) {
            return "it ends in the middle of its compressed data";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "it is no longer there";
        }
        if (e instanceof FileSystemLoopException) {
            return "a link to a folder that it lies in";
        }
        String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return reason == null ? e.toString() : reason;
    }
}
