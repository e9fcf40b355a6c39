package norma.probes.ablation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.probes.dimensions.LayerRange;
import norma.probes.dimensions.SiteChoice;
import norma.probes.dimensions.StackChoice;
import norma.trainer.layernorm.Part;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Where an ablation edits and how: everything but the dimensions.
 *
 * @param sites which LayerNorms
 * @param layers which layers, counted from 0 within each stack, for the LayerNorms inside layers
 * @param parts which vectors
 * @param replacement what the values become
 */
public record AblationPlace(SiteChoice sites, LayerRange layers, Set<Part> parts, Replacement replacement) {
    /** Weight and bias of the output LayerNorm of every layer become 0: the paper's ablation. */
    @PublicApi
    public static final AblationPlace PAPER =
            new AblationPlace(SiteChoice.PAPER, LayerRange.ALL, EnumSet.allOf(Part.class), Replacement.ZERO);

    public AblationPlace {
        parts = Set.copyOf(parts);
    }

    /**
     * The sites that are edited, as indices into the model's, ascending. A site that has none of the parts is not among
     * them: there is nothing to edit.
     *
     * @throws InvalidInputException if a stack or layer is named that the model lacks, or nothing is left to edit
     */
    public List<Integer> edited(List<LayerNormSite> model) {
        sites.requireIn(model);
        layers.requireWithin(sites.stack().depth(model));
        List<Integer> chosen = new ArrayList<>();
        for (int s = 0; s < model.size(); s++) {
            int layer = model.get(s).layer();
            if (sites.contains(model.get(s)) && (layer == LayerNormSite.NO_LAYER || layers.contains(layer))) {
                chosen.add(s);
            }
        }
        if (chosen.isEmpty()) {
            throw InvalidInputException.setting("layers", layers.words(), "layers that leave a site");
        }
        List<Integer> edited = chosen.stream()
                .filter(s -> parts.stream().anyMatch(part -> edited(part, model.get(s)) != null))
                .toList();
        if (edited.isEmpty()) {
            Part asked = parts.iterator().next();
            throw InvalidInputException.setting(
                    "parts",
                    asked.label(),
                    "a part that one of these sites has, "
                            + chosen.stream().map(s -> model.get(s).name()).collect(Collectors.joining(", ")));
        }
        return edited;
    }

    /**
     * Where a site keeps a part that an ablation edits, with the constants in place of a weight that it lacks, for a
     * dimension is switched off only if nothing is left of it; null where it keeps none.
     */
    static Slice edited(Part part, LayerNormSite site) {
        return part == Part.WEIGHT ? site.factors() : site.bias();
    }

    /** Width of the widest site that is edited. */
    int width(List<LayerNormSite> model) {
        return edited(model).stream()
                .mapToInt(site -> model.get(site).width())
                .max()
                .getAsInt();
    }

    /**
     * Names of the parameters that are edited.
     *
     * @throws InvalidInputException see {@link #edited}
     */
    public List<String> parameters(List<LayerNormSite> model) {
        List<String> names = new ArrayList<>();
        for (int site : edited(model)) {
            for (Part part : parts) {
                Slice slice = edited(part, model.get(site));
                if (slice != null) {
                    names.add(slice.parameter());
                }
            }
        }
        return names;
    }

    /**
     * Refuses a model in which the values cannot become what they should.
     *
     * @throws InvalidInputException if a matrix is to have the one value that a LayerNorm begins with
     */
    void requireReplaceable(PretrainedModel bert) {
        if (replacement == Replacement.INITIAL) {
            for (String parameter : parameters(bert.layerNormSites())) {
                if (bert.shape(parameter).length > 1) {
                    throw InvalidInputException.setting(
                            "value",
                            "initial",
                            "zero or mean: " + parameter + " of " + bert.folder()
                                    + " is a matrix, which begins with random values");
                }
            }
        }
    }

    /** Adds {@code sites}, {@code layers}, {@code parts}, {@code value}; of a model of two stacks {@code stack} too. */
    void describe(ObjectNode json, List<LayerNormSite> model) {
        json.put("sites", sites.label());
        if (StackChoice.several(model)) {
            json.put("stack", sites.stack().label());
        }
        Set<Integer> edited = new TreeSet<>();
        for (int site : edited(model)) {
            if (model.get(site).layer() != LayerNormSite.NO_LAYER) {
                edited.add(model.get(site).layer());
            }
        }
        ArrayNode numbers = json.putArray("layers");
        edited.forEach(numbers::add);
        ArrayNode names = json.putArray("parts");
        for (Part part : Part.values()) {
            if (parts.contains(part)) {
                names.add(part.label());
            }
        }
        json.put("value", replacement.name().toLowerCase(Locale.ROOT));
    }
}
