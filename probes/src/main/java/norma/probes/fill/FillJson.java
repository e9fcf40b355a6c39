package norma.probes.fill;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.probes.ablation.AblationContrast;
import norma.trainer.pretrained.TokenProbability;
import norma.trainer.run.MetricsLog;

/** Filled texts as JSON: {@code ablated}, {@code random}, {@code texts}; a variant that was not run is missing. */
final class FillJson {
    private FillJson() {}

    /** The result, without its head. */
    static ObjectNode of(AblationContrast contrast, List<FilledText> texts) {
        ObjectNode json = begun(contrast);
        ArrayNode all = json.putArray("texts");
        texts.forEach(text -> all.add(text(text)));
        return json;
    }

    /** The same of continuations. */
    static ObjectNode ofContinued(AblationContrast contrast, List<ContinuedText> texts) {
        ObjectNode json = begun(contrast);
        ArrayNode all = json.putArray("texts");
        for (ContinuedText text : texts) {
            ObjectNode one = all.addObject();
            one.put("text", text.text());
            ArrayNode tokens = one.putArray("tokens");
            text.tokens().forEach(tokens::add);
            continuation(one, "full", text.full());
            continuation(one, "ablated", text.ablated());
            continuation(one, "random", text.random());
        }
        return json;
    }

    /** The same of blanks that take several tokens: the likeliest first ones, and what is written in full. */
    static ObjectNode ofInfilled(AblationContrast contrast, List<InfilledText> texts) {
        ObjectNode json = begun(contrast);
        ArrayNode all = json.putArray("texts");
        for (InfilledText filled : texts) {
            ObjectNode one = all.addObject();
            one.put("text", filled.text().text());
            ArrayNode tokens = one.putArray("tokens");
            filled.tokens().forEach(tokens::add);
            ArrayNode masks = one.putArray("masks");
            for (int blank = 0; blank < filled.text().blanks().length; blank++) {
                ObjectNode mask = masks.addObject();
                mask.put("position", filled.text().blanks()[blank]);
                ObjectNode written = JsonNodeFactory.instance.objectNode();
                written(mask, written, "full", filled.full(), blank);
                written(mask, written, "ablated", filled.ablated(), blank);
                written(mask, written, "random", filled.random(), blank);
                mask.set("written", written);
            }
        }
        return json;
    }

    private static void written(
            ObjectNode mask, ObjectNode written, String variant, List<Continuation> blanks, int blank) {
        if (blanks != null) {
            predictions(mask.putArray(variant), blanks.get(blank).next());
            ObjectNode json = written.putObject(variant);
            json.put("text", blanks.get(blank).text());
            predictions(json.putArray("tokens"), blanks.get(blank).tokens());
        }
    }

    private static void continuation(ObjectNode text, String variant, Continuation continuation) {
        if (continuation != null) {
            ObjectNode json = text.putObject(variant);
            json.put("text", continuation.text());
            predictions(json.putArray("tokens"), continuation.tokens());
            predictions(json.putArray("next"), continuation.next());
        }
    }

    private static ObjectNode begun(AblationContrast contrast) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode ablated = json.putArray("ablated");
        contrast.ablated().forEach(ablated::add);
        ArrayNode random = json.putArray("random");
        contrast.random().stream().limit(1).flatMap(List::stream).forEach(random::add);
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
        predictions(mask.putArray(variant), filling.blanks().get(blank));
    }

    private static void predictions(ArrayNode all, List<TokenProbability> predictions) {
        for (TokenProbability prediction : predictions) {
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
