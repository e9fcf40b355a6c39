package norma.datasets.base;

import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings that a sentence names. The libraries know a setting by its key; whoever lets a user choose it may call it
 * something else, and can put that name into the sentence.
 */
public final class SettingMention {
    private static final Pattern MENTION = Pattern.compile("setting `([a-z_]+)(?:=([a-z-]+))?`");

    private SettingMention() {}

    /** A setting as a sentence names it: {@code setting `heads`}. */
    public static String of(String key) {
        return "setting `" + key + "`";
    }

    /** A setting with a value: {@code setting `kind=regression`}. */
    public static String of(String key, String value) {
        return of(key + "=" + value);
    }

    /**
     * Renames the settings in a sentence.
     *
     * @param names from a key and a value, which is empty where none is mentioned, to what is written in their place;
     *     empty: the mention stays
     */
    public static String rename(String sentence, BiFunction<String, String, Optional<String>> names) {
        return MENTION.matcher(sentence)
                .replaceAll(mention -> Matcher.quoteReplacement(
                        names.apply(mention.group(1), mention.group(2) == null ? "" : mention.group(2))
                                .orElse(mention.group())));
    }
}
