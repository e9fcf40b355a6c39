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
import norma.trainer.layernorm.Part;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;

/**
 * Where an ablation edits and how: everything but the dimensions.
 *
 * @param kinds which LayerNorms
 * @param layers which layers, counted from 0, for the LayerNorms inside layers
 * @param parts which vectors
 * @param replacement what the values become
 */
public record AblationPlace(Set<SiteKind> kinds, LayerRange layers, Set<Part> parts, Replacement replacement) {
    /** Weight and bias of the output LayerNorm of every layer become 0: the paper's ablation. */
    public static final AblationPlace PAPER =
            new AblationPlace(EnumSet.of(SiteKind.OUTPUT), LayerRange.ALL, EnumSet.allOf(Part.class), Replacement.ZERO);

    public AblationPlace {
        kinds = Set.copyOf(kinds);
        parts = Set.copyOf(parts);
    }

    /**
     * From the words of the command line.
     *
     * @param sites {@code output}, {@code attention}, {@code embeddings}, separated by commas, or {@code all}
     * @param layers see {@link LayerRange#parse}
     * @param parts {@code weight}, {@code bias} or both
     * @param value {@code zero} or {@code mean}
     * @throws InvalidInputException if one of them is none of these
     */
    public static AblationPlace parse(String sites, String layers, String parts, String value) {
        Set<SiteKind> kinds = EnumSet.noneOf(SiteKind.class);
        if (sites.equals("all")) {
            kinds = EnumSet.allOf(SiteKind.class);
        } else {
            for (String word : sites.split(",", -1)) {
                kinds.add(SiteKind.of(word.strip()));
            }
        }
        Set<Part> chosen = EnumSet.noneOf(Part.class);
        for (String word : parts.split(",", -1)) {
            chosen.add(part(word.strip()));
        }
        return new AblationPlace(kinds, LayerRange.parse(layers), chosen, Replacement.of(value));
    }

    private static Part part(String word) {
        return switch (word) {
            case "weight" -> Part.WEIGHT;
            case "bias" -> Part.BIAS;
            default -> throw InvalidInputException.of("command line", "--parts", word, "weight, bias or weight,bias");
        };
    }

    /**
     * The sites that are edited, as indices into the model's, ascending. A site that has none of the parts is not among
     * them: there is nothing to edit.
     *
     * @throws InvalidInputException if a layer is named that the model lacks, or nothing is left to edit
     */
    public List<Integer> sites(List<LayerNormSite> model) {
        int count = (int) model.stream().filter(LayerNormSite::isLayerOutput).count();
        layers.requireWithin(count);
        List<Integer> chosen = new ArrayList<>();
        for (int s = 0; s < model.size(); s++) {
            LayerNormSite site = model.get(s);
            int layer = SiteKind.layer(site);
            if (kinds.stream().anyMatch(kind -> kind.contains(site)) && (layer < 0 || layers.contains(layer))) {
                chosen.add(s);
            }
        }
        if (chosen.isEmpty()) {
            throw InvalidInputException.of("command line", "--layers", layers.words(), "layers that leave a site");
        }
        List<Integer> edited = chosen.stream()
                .filter(s -> parts.stream().anyMatch(part -> part.of(model.get(s)) != null))
                .toList();
        if (edited.isEmpty()) {
            Part asked = parts.iterator().next();
            throw InvalidInputException.of(
                    "command line",
                    "--parts",
                    asked.label(),
                    "a part that one of these sites has, "
                            + chosen.stream().map(s -> model.get(s).name()).collect(Collectors.joining(", ")));
        }
        return edited;
    }

    /** Width of the widest site that is edited. */
    int width(List<LayerNormSite> model) {
        return sites(model).stream()
                .mapToInt(site -> model.get(site).width())
                .max()
                .getAsInt();
    }

    /**
     * Names of the parameters that are edited.
     *
     * @throws InvalidInputException see {@link #sites}
     */
    public List<String> parameters(List<LayerNormSite> model) {
        List<String> names = new ArrayList<>();
        for (int site : sites(model)) {
            for (Part part : parts) {
                Slice slice = part.of(model.get(site));
                if (slice != null) {
                    names.add(slice.parameter());
                }
            }
        }
        return names;
    }

    /** Adds {@code sites}, {@code layers}, {@code parts}, {@code value}. */
    void describe(ObjectNode json, List<LayerNormSite> model) {
        json.put("sites", siteWords());
        Set<Integer> edited = new TreeSet<>();
        for (int site : sites(model)) {
            if (SiteKind.layer(model.get(site)) >= 0) {
                edited.add(SiteKind.layer(model.get(site)));
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

    private String siteWords() {
        if (kinds.size() == SiteKind.values().length) {
            return "all";
        }
        List<String> words = new ArrayList<>();
        for (SiteKind kind : SiteKind.values()) {
            if (kinds.contains(kind)) {
                words.add(kind.name().toLowerCase(Locale.ROOT));
            }
        }
        return String.join(",", words);
    }
}
