package norma.probes.fill;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.probes.ablation.AblationContrast;
import norma.trainer.pretrained.TokenProbability;
import norma.trainer.run.MetricsLog;

/** Filled texts as JSON: {@code ablated}, {@code random}, {@code texts}; a variant that was not run is missing. */
public final class FillJson {
    private FillJson() {}

    /** The result, without its head. */
    public static ObjectNode of(AblationContrast contrast, List<FilledText> texts) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode ablated = json.putArray("ablated");
        contrast.ablated().forEach(ablated::add);
        ArrayNode random = json.putArray("random");
        contrast.random().stream().limit(1).flatMap(List::stream).forEach(random::add);
        ArrayNode all = json.putArray("texts");
        texts.forEach(text -> all.add(text(text)));
        return json;
    }

    private static ObjectNode text(FilledText filled) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("text", filled.text().text());
        ArrayNode tokens = json.putArray("tokens");
        filled.tokens().forEach(tokens::add);
        ArrayNode masks = json.putArray("masks");
        for (int blank = 0; blank < filled.text().blanks().length; blank++) {
            ObjectNode mask = masks.addObject();
            mask.put("position", filled.text().blanks()[blank]);
            predictions(mask, "full", filled.full(), blank);
            predictions(mask, "ablated", filled.ablated(), blank);
            predictions(mask, "random", filled.random(), blank);
        }
        if (filled.full().everyToken() != null) {
            ObjectNode every = json.putObject("every_token");
            reprediction(every, "full", filled.full());
            reprediction(every, "ablated", filled.ablated());
            reprediction(every, "random", filled.random());
        }
        return json;
    }

    private static void predictions(ObjectNode mask, String variant, Filling filling, int blank) {
        if (filling == null) {
            return;
        }
        ArrayNode all = mask.putArray(variant);
        for (TokenProbability prediction : filling.blanks().get(blank)) {
            ObjectNode json = all.addObject();
            json.put("token", prediction.token());
            json.put("id", prediction.id());
            MetricsLog.put(json, "probability", prediction.probability());
        }
    }

    private static void reprediction(ObjectNode every, String variant, Filling filling) {
        if (filling == null) {
            return;
        }
        ObjectNode json = every.putObject(variant);
        json.put("text", filling.everyToken().text());
        ArrayNode tokens = json.putArray("tokens");
        filling.everyToken().tokens().forEach(tokens::add);
        json.put("kept", filling.everyToken().kept());
        json.put("of", filling.everyToken().of());
    }
}
