package norma.probes.dimensions;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.LayerNormSite;

/**
 * Which sites of a model are looked at or edited.
 *
 * @param kinds of these kinds
 * @param stack in this stack
 */
public record SiteChoice(Set<SiteKind> kinds, StackChoice stack) {
    /** The output component of every layer: the paper's. */
    public static final SiteChoice PAPER = new SiteChoice(EnumSet.of(SiteKind.OUTPUT), StackChoice.ALL);

    public SiteChoice {
        kinds = Set.copyOf(kinds);
    }

    /** Whether a site is among them. */
    public boolean contains(LayerNormSite site) {
        return stack.contains(site) && kinds.stream().anyMatch(kind -> kind.contains(site));
    }

    /** The same kinds in another stack. */
    public SiteChoice in(StackChoice other) {
        return new SiteChoice(kinds, other);
    }

    /**
     * Refuses a model without the stack, or without any such site.
     *
     * @throws InvalidInputException if it lacks them
     */
    public void requireIn(List<LayerNormSite> model) {
        stack.requireIn(model);
        if (model.stream().noneMatch(this::contains)) {
            String there = Stream.of(SiteKind.values())
                    .filter(kind -> model.stream().anyMatch(site -> stack.contains(site) && kind.contains(site)))
                    .map(SiteKind::label)
                    .collect(Collectors.joining(", "));
            throw InvalidInputException.of(
                    "command line", "--sites", label(), "a kind that this model has: " + there + " or all");
        }
    }

    /** The kinds as people and files have them. */
    public String label() {
        return kinds.size() == SiteKind.values().length
                ? "all"
                : Stream.of(SiteKind.values())
                        .filter(kinds::contains)
                        .map(SiteKind::label)
                        .collect(Collectors.joining(","));
    }

    /**
     * Reads kinds: some labels with commas between, or {@code all}.
     *
     * @throws InvalidInputException if it is none of these
     */
    public static SiteChoice parse(String words, StackChoice stack) {
        if (words.equals("all")) {
            return new SiteChoice(EnumSet.allOf(SiteKind.class), stack);
        }
        Set<SiteKind> kinds = EnumSet.noneOf(SiteKind.class);
        for (String word : words.split(",", -1)) {
            kinds.add(Arrays.stream(SiteKind.values())
                    .filter(kind -> kind.label().equals(word.strip()))
                    .findFirst()
                    .orElseThrow(() -> InvalidInputException.of(
                            "command line", "--sites", word, SiteKind.labels() + ", several of them, or all")));
        }
        return new SiteChoice(kinds, stack);
    }
}
