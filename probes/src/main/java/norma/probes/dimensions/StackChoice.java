package norma.probes.dimensions;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.LayerNormSite;

/** Which stack of layers is looked at; layers are counted within theirs. */
public enum StackChoice {
    /** All there are, together. */
    ALL,
    ENCODER,
    DECODER;

    /** Whether a site is in it. */
    public boolean contains(LayerNormSite site) {
        return switch (this) {
            case ALL -> true;
            case ENCODER -> site.stack() == LayerNormSite.Stack.ENCODER;
            case DECODER -> site.stack() == LayerNormSite.Stack.DECODER;
        };
    }

    /** Whether a site is the output component of one of its layers. */
    public boolean containsOutput(LayerNormSite site) {
        return site.isLayerOutput() && contains(site);
    }

    /** How many layers it has in a model; of several stacks, the deepest's. */
    public int depth(List<LayerNormSite> model) {
        return Stream.of(ENCODER, DECODER)
                .mapToInt(stack -> (int) model.stream()
                        .filter(site -> stack.containsOutput(site) && contains(site))
                        .count())
                .max()
                .getAsInt();
    }

    /** The stacks within it, where it is more than one of a model's; otherwise none. */
    public List<StackChoice> parts(List<LayerNormSite> model) {
        return this == ALL && several(model) ? List.of(ENCODER, DECODER) : List.of();
    }

    /** This, and the stacks within it if it is more than one. */
    public List<StackChoice> withParts(List<LayerNormSite> model) {
        return Stream.concat(Stream.of(this), parts(model).stream()).toList();
    }

    /** Whether a model has layers in more than one stack, so that a result has to say which is meant. */
    public static boolean several(List<LayerNormSite> model) {
        return model.stream().anyMatch(ENCODER::containsOutput)
                && model.stream().anyMatch(DECODER::containsOutput);
    }

    /**
     * Refuses a model without such a stack.
     *
     * @throws InvalidInputException if it has none
     */
    public void requireIn(List<LayerNormSite> model) {
        if (this != ALL && model.stream().noneMatch(this::containsOutput)) {
            StackChoice other = this == ENCODER ? DECODER : ENCODER;
            throw InvalidInputException.setting(
                    "stack", label(), other.label() + " or all: all layers are of the " + other.label());
        }
    }

    /** As people and files have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
