package norma.datasets.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.datasets.files.TextFile;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * The files that make a tokenizer in Hugging Face's layout: one with the vocabulary, and those beside it that say how
 * it is used.
 */
public final class TokenizerFiles {
    public static final String TOKENIZER_JSON = "tokenizer.json";
    static final String VOCAB_TXT = "vocab.txt";
    public static final String CONFIG = "tokenizer_config.json";
    static final String SPECIAL_TOKENS = "special_tokens_map.json";
    static final String ADDED_TOKENS = "added_tokens.json";
    static final String MODEL = "config.json";

    private static final List<String> SETTINGS = List.of(CONFIG, SPECIAL_TOKENS, ADDED_TOKENS, MODEL);
    private static final String EXPECTED = "a tokenizer.json or vocab.txt";

    /** A file that has been read; {@code source} is its name in messages. */
    private record Content(String source, String text) {}

    private final String name;
    private final Content vocabulary;
    private final Map<String, Content> settings;

    private TokenizerFiles(String name, Content vocabulary, Map<String, Content> settings) {
        this.name = name;
        this.vocabulary = vocabulary;
        this.settings = settings;
    }

    /**
     * A file with a vocabulary. If it is called {@code tokenizer.json} or {@code vocab.txt}, what lies beside it
     * belongs to it; beside a file of another name may lie anything.
     *
     * @throws norma.datasets.base.InvalidInputException if it is missing or cannot be read
     */
    public static TokenizerFiles of(Path file) {
        String name = file.getFileName().toString();
        Map<String, Content> settings = new LinkedHashMap<>();
        if (name.equals(TOKENIZER_JSON) || name.equals(VOCAB_TXT)) {
            for (String setting : SETTINGS) {
                Path path = file.resolveSibling(setting);
                if (Files.exists(path)) {
                    settings.put(setting, content(path, "settings of a tokenizer in JSON"));
                }
            }
        }
        return new TokenizerFiles(name, content(file, EXPECTED), settings);
    }

    private static Content content(Path file, String expected) {
        return new Content(file.toString(), TextFile.read(file, expected));
    }

    /** The tokenizer of a folder: its {@code tokenizer.json}, or else its {@code vocab.txt}; empty without either. */
    public static Optional<TokenizerFiles> in(Path folder) {
        return List.of(TOKENIZER_JSON, VOCAB_TXT).stream()
                .map(folder::resolve)
                .filter(Files::exists)
                .findFirst()
                .map(TokenizerFiles::of);
    }

    /** Whether a file of an archive, known by its path in it, may belong to a tokenizer. */
    public static boolean areIn(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.endsWith(TOKENIZER_JSON) || name.endsWith(VOCAB_TXT) || SETTINGS.contains(name);
    }

    /**
     * The tokenizer of an archive: its first {@code tokenizer.json}, or else its first {@code vocab.txt}, with the
     * settings that lie in the same folder; empty without either.
     *
     * @param archive its name, for messages
     * @param contents of its files, by their paths with slashes
     */
    public static Optional<TokenizerFiles> in(String archive, Map<String, byte[]> contents) {
        return List.of(TOKENIZER_JSON, VOCAB_TXT).stream()
                .flatMap(ending -> contents.keySet().stream().filter(path -> path.endsWith(ending)))
                .findFirst()
                .map(path -> {
                    String folder = path.substring(0, path.lastIndexOf('/') + 1);
                    Map<String, Content> settings = new LinkedHashMap<>();
                    for (String setting : SETTINGS) {
                        if (contents.containsKey(folder + setting)) {
                            settings.put(setting, inArchive(archive, folder + setting, contents));
                        }
                    }
                    return new TokenizerFiles(
                            path.substring(folder.length()), inArchive(archive, path, contents), settings);
                });
    }

    private static Content inArchive(String archive, String path, Map<String, byte[]> contents) {
        String source = archive + ": " + path;
        return new Content(source, TextFile.decode(contents.get(path), source, EXPECTED));
    }

    /** Whether the vocabulary is a {@code vocab.txt}, not a {@code tokenizer.json}. */
    boolean isVocabTxt() {
        return name.endsWith(".txt");
    }

    /** The vocabulary's file, for messages. */
    String source() {
        return vocabulary.source();
    }

    /** The text of the vocabulary's file. */
    String vocabulary() {
        return vocabulary.text();
    }

    /** One of the settings' files, empty where there is none. */
    Optional<JsonObject> settings(String file) {
        return Optional.ofNullable(settings.get(file)).map(content -> JsonFile.parse(content.text(), content.source()));
    }
}
