package norma.probes.fill;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import norma.datasets.base.Quoted;
import norma.datasets.tokenizer.MaskedText;
import norma.probes.ablation.AblationContrast;
import norma.probes.dimensions.DimensionChoice;
import norma.trainer.pretrained.TokenProbability;

/** Filled texts for people: a table a blank, or for what comes next, the variants side by side. */
final class FillText {
    private static final int NARROWEST = 12;

    private FillText() {}

    /** All texts, one after the other. */
    static String of(AblationContrast contrast, List<FilledText> texts) {
        StringBuilder out = new StringBuilder();
        for (FilledText text : texts) {
            out.append(Quoted.escaped(text.text().text())).append('\n');
            for (int blank = 0; blank < text.text().blanks().length; blank++) {
                table(out, contrast, text, blank);
            }
            if (text.full().everyToken() != null) {
                everyToken(out, contrast, text);
            }
            out.append('\n');
        }
        return out.toString().stripTrailing();
    }

    /** All continuations, one after the other. */
    static String ofContinued(AblationContrast contrast, List<ContinuedText> texts) {
        StringBuilder out = new StringBuilder();
        for (ContinuedText text : texts) {
            out.append(Quoted.escaped(text.text())).append('\n');
            continuations(out, contrast, text.variants());
            out.append('\n');
        }
        return out.toString().stripTrailing();
    }

    /** All texts with blanks of several tokens, one after the other. */
    static String ofInfilled(AblationContrast contrast, List<InfilledText> texts) {
        StringBuilder out = new StringBuilder();
        for (InfilledText text : texts) {
            out.append(Quoted.escaped(text.text().text())).append('\n');
            for (int blank = 0; blank < text.text().blanks().length; blank++) {
                int at = blank;
                number(out, text.text(), blank);
                continuations(
                        out,
                        contrast,
                        text.variants().stream().map(blanks -> blanks.get(at)).toList());
            }
            out.append('\n');
        }
        return out.toString().stripTrailing();
    }

    /** What comes first, and below it what is written in full. */
    private static void continuations(StringBuilder out, AblationContrast contrast, List<Continuation> variants) {
        table(out, contrast, variants.stream().map(Continuation::next).toList());
        int width = names(contrast).stream().mapToInt(String::length).max().orElse(0);
        for (int variant = 0; variant < variants.size(); variant++) {
            String name = names(contrast).get(variant);
            out.append("  ")
                    .append(name)
                    .append(" ".repeat(width - name.length() + 3))
                    .append(Quoted.of(variants.get(variant).text()))
                    .append('\n');
        }
    }

    private static void number(StringBuilder out, MaskedText text, int blank) {
        if (text.blanks().length > 1) {
            out.append("  blank ").append(blank + 1).append('\n');
        }
    }

    private static List<Filling> variants(FilledText text) {
        List<Filling> variants = new ArrayList<>(List.of(text.full()));
        if (text.ablated() != null) {
            variants.add(text.ablated());
            variants.add(text.random());
        }
        return variants;
    }

    private static List<String> names(AblationContrast contrast) {
        List<String> names = new ArrayList<>(List.of("full"));
        if (!contrast.ablated().isEmpty()) {
            names.add("without " + DimensionChoice.listed(contrast.ablated()));
            names.add("random " + DimensionChoice.listed(contrast.random().get(0)));
        }
        return names;
    }

    private static void table(StringBuilder out, AblationContrast contrast, FilledText text, int blank) {
        number(out, text.text(), blank);
        table(
                out,
                contrast,
                variants(text).stream()
                        .map(filling -> filling.blanks().get(blank))
                        .toList());
    }

    private static void table(StringBuilder out, AblationContrast contrast, List<List<TokenProbability>> variants) {
        List<List<String>> columns = new ArrayList<>();
        for (int variant = 0; variant < variants.size(); variant++) {
            List<TokenProbability> predictions = variants.get(variant);
            int width = predictions.stream().mapToInt(p -> shown(p).length()).reduce(NARROWEST, Math::max);
            List<String> column = new ArrayList<>(List.of(names(contrast).get(variant)));
            predictions.forEach(
                    p -> column.add(shown(p) + " ".repeat(width - shown(p).length()) + percent(p.probability())));
            columns.add(column);
        }
        rows(out, columns);
    }

    /** On one line, whatever the vocabulary has in it. */
    private static String shown(TokenProbability prediction) {
        return Quoted.of(prediction.token());
    }

    private static String percent(double probability) {
        return String.format(Locale.ROOT, " %6.2f %%", 100 * probability);
    }

    private static void rows(StringBuilder out, List<List<String>> columns) {
        for (int row = 0; row < columns.get(0).size(); row++) {
            StringBuilder line = new StringBuilder("  ");
            for (List<String> column : columns) {
                int width = column.stream().mapToInt(String::length).max().orElse(0);
                line.append(column.get(row))
                        .append(" ".repeat(width - column.get(row).length() + 3));
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
    }

    private static void everyToken(StringBuilder out, AblationContrast contrast, FilledText text) {
        out.append("  every token predicted anew, none masked\n");
        List<Filling> variants = variants(text);
        int width = names(contrast).stream().mapToInt(String::length).max().orElse(0);
        for (int variant = 0; variant < variants.size(); variant++) {
            String name = names(contrast).get(variant);
            Reprediction reprediction = variants.get(variant).everyToken();
            out.append(String.format(
                    Locale.ROOT,
                    "  %s%s   %s (%d of %d kept)%n",
                    name,
                    " ".repeat(width - name.length()),
                    String.join(
                            " ", reprediction.tokens().stream().map(Quoted::of).toList()),
                    reprediction.kept(),
                    reprediction.of()));
        }
    }
}
