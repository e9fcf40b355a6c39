package norma.cli.options;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.probes.ablation.Baseline;
import norma.probes.ablation.Replacement;
import norma.probes.attention.AttentionMap;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.LayerRange;
import norma.probes.dimensions.SiteChoice;
import norma.probes.dimensions.SiteKind;
import norma.probes.dimensions.StackChoice;
import norma.probes.source.CheckpointChoice;
import norma.trainer.config.MicroBatchSize;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.Precision;

/**
 * What the short words of options stand for. Each method reads the words of one option, and throws
 * {@link InvalidInputException} with its name if it cannot.
 */
public final class Notation {
    private static final Pattern HEAD = Pattern.compile("(?:(encoder|decoder|cross|query):)?(\\d{1,4})\\.(\\d{1,4})");
    private static final Pattern SPAN = Pattern.compile("(\\d{1,4})(-(\\d{1,4})?)?");

    private Notation() {}

    private static InvalidInputException wrong(String option, String words, String expected) {
        return InvalidInputException.of("command line", option, words, expected);
    }

    /**
     * {@code auto}, {@code top:K}, {@code costliest:K} or a list such as {@code 308,381}.
     *
     * @param option {@code --dims}, or what it is called elsewhere
     * @param stack whose layers count
     */
    public static DimensionChoice dimensions(String option, String words, StackChoice stack) {
        if (words.equals("auto")) {
            return new DimensionChoice.Outliers(OutlierRule.PAPER, stack);
        }
        if (words.matches("top:[1-9]\\d{0,3}")) {
            return new DimensionChoice.MostExtreme(Integer.parseInt(words.substring(4)), stack);
        }
        if (words.matches("costliest:[1-9]\\d{0,3}")) {
            return new DimensionChoice.Costliest(Integer.parseInt(words.substring(10)));
        }
        Set<Integer> listed = new LinkedHashSet<>();
        for (String word : words.split(",", -1)) {
            if (!word.strip().matches("\\d{1,6}")) {
                throw wrong(option, words, "auto, top:K, costliest:K or a list such as 308,381");
            }
            if (!listed.add(Integer.parseInt(word.strip()))) {
                throw wrong(option, words, "each dimension once");
            }
        }
        return new DimensionChoice.Listed(new ArrayList<>(listed));
    }

    /** Of {@code --stack}: {@code all}, {@code encoder} or {@code decoder}. */
    public static StackChoice stack(String word) {
        return Stream.of(StackChoice.values())
                .filter(choice -> choice.label().equals(word))
                .findFirst()
                .orElseThrow(() -> wrong("--stack", word, "encoder, decoder or all"));
    }

    /** Of {@code --sites}: kinds with commas between, or {@code all}. */
    public static SiteChoice sites(String words, StackChoice stack) {
        if (words.equals("all")) {
            return new SiteChoice(EnumSet.allOf(SiteKind.class), stack);
        }
        Set<SiteKind> kinds = EnumSet.noneOf(SiteKind.class);
        for (String word : words.split(",", -1)) {
            kinds.add(Stream.of(SiteKind.values())
                    .filter(kind -> kind.label().equals(word.strip()))
                    .findFirst()
                    .orElseThrow(() -> wrong("--sites", word, SiteKind.labels() + ", several of them, or all")));
        }
        return new SiteChoice(kinds, stack);
    }

    /**
     * Of {@code --layers}: {@code all}, {@code 3}, {@code 0-5}, {@code 8-} (from 8 on), or several of them with commas
     * between.
     */
    public static LayerRange layers(String words) {
        if (words.equals("all")) {
            return LayerRange.ALL;
        }
        List<LayerRange.Span> spans = new ArrayList<>();
        for (String word : words.split(",", -1)) {
            Matcher matcher = SPAN.matcher(word.strip());
            if (!matcher.matches()) {
                throw wrongLayers(words);
            }
            int first = Integer.parseInt(matcher.group(1));
            int last = matcher.group(2) == null
                    ? first
                    : matcher.group(3) == null ? -1 : Integer.parseInt(matcher.group(3));
            if (last >= 0 && last < first) {
                throw wrongLayers(words);
            }
            spans.add(new LayerRange.Span(first, last));
        }
        return new LayerRange(spans);
    }

    private static InvalidInputException wrongLayers(String words) {
        return wrong("--layers", words, "all, 3, 0-5, 8- (from 8 on), or a list");
    }

    /** Of {@code --parts}: {@code weight}, {@code bias} or both with a comma between. */
    public static Set<Part> parts(String words) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String word : words.split(",", -1)) {
            parts.add(Stream.of(Part.values())
                    .filter(part -> part.label().equals(word.strip()))
                    .findFirst()
                    .orElseThrow(() -> wrong("--parts", word.strip(), "weight, bias or weight,bias")));
        }
        return parts;
    }

    /** Of {@code --precision}: {@code float32}, {@code tf32}, {@code bf16} or {@code auto}. */
    public static Precision precision(String word) {
        return Stream.of(Precision.values())
                .filter(precision -> precision.toString().equals(word))
                .findFirst()
                .orElseThrow(() -> wrong("--precision", word, "float32, tf32, bf16 or auto"));
    }

    /** Of {@code --micro-batch-size}: a number, or {@code auto}. */
    public static MicroBatchSize microBatchSize(String word) {
        if (word.equals("auto")) {
            return MicroBatchSize.AUTO;
        }
        if (!word.matches("0*[1-9]\\d{0,8}")) {
            throw wrong("--micro-batch-size", word, "a whole number of at least 1, or auto");
        }
        return new MicroBatchSize(Integer.parseInt(word));
    }

    /** Of {@code --value}: {@code zero}, {@code mean} or {@code initial}. */
    public static Replacement replacement(String word) {
        return switch (word) {
            case "zero" -> Replacement.ZERO;
            case "mean" -> Replacement.MEAN;
            case "initial" -> Replacement.INITIAL;
            default -> throw wrong("--value", word, "zero, mean or initial");
        };
    }

    /**
     * Of {@code --baseline}: {@code random:N}, {@code matched:N} or {@code none}.
     *
     * @param seed of random draws
     * @return null for none
     */
    public static Baseline baseline(String words, long seed) {
        if (words.equals("none")) {
            return null;
        }
        if (!words.matches("(random|matched):[1-9]\\d{0,3}")) {
            throw wrong("--baseline", words, "random:N, matched:N or none");
        }
        int draws = Integer.parseInt(words.substring(words.indexOf(':') + 1));
        return words.startsWith("random") ? new Baseline.Random(draws, seed) : new Baseline.Matched(draws);
    }

    /** Of {@code --checkpoints}: {@code last}, {@code all}, {@code every:N} or steps with commas between. */
    public static CheckpointChoice checkpoints(String words) {
        if (words.equals("last")) {
            return new CheckpointChoice.Last();
        }
        if (words.equals("all")) {
            return new CheckpointChoice.EveryNth(1);
        }
        if (words.matches("every:0*[1-9]\\d{0,8}")) {
            return new CheckpointChoice.EveryNth(Integer.parseInt(words.substring(words.indexOf(':') + 1)));
        }
        List<Long> steps = new ArrayList<>();
        for (String word : words.split(",", -1)) {
            if (!word.strip().matches("\\d{1,18}")) {
                throw wrong("--checkpoints", words, "last, all, every:N or steps such as 0,500,1000");
            }
            steps.add(Long.valueOf(word.strip()));
        }
        return new CheckpointChoice.Steps(steps);
    }

    /** Of {@code --head}: {@code LAYER.HEAD}, both from 0, after {@code KIND:} where the model's first is not meant. */
    public static AttentionMap.Head head(String words) {
        Matcher matcher = HEAD.matcher(words);
        if (!matcher.matches()) {
            throw wrong("--head", words, "LAYER.HEAD, both from 0, such as 0.1 or cross:0.1");
        }
        return new AttentionMap.Head(
                matcher.group(1) == null
                        ? null
                        : AttentionKind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }
}
