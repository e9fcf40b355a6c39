package norma.cli.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.ConfigKey;
import norma.trainer.config.ConfigReference;
import norma.trainer.config.ConfigReference.Group;

/** The keys of a configuration, for people, as a page and as JSON. */
final class ReferenceText {
    private static final int WIDTH = 78;

    private ReferenceText() {}

    /** Every key with its default; of the models the first one's. */
    static String list() {
        List<String> lines = new ArrayList<>();
        String standard = Architectures.standard().modelType();
        for (Group group : ConfigReference.groups()) {
            if (group.modelType().isEmpty() || group.modelType().equals(standard)) {
                group.keys().forEach(key -> lines.add(row(key)));
            }
        }
        lines.add("");
        lines.add("norma config KEY explains one; norma config model has the keys of every architecture.");
        return String.join("\n", lines);
    }

    private static String row(ConfigKey key) {
        return String.format(Locale.ROOT, "%-44s %-24s", key.name(), key.value())
                .stripTrailing();
    }

    /** Keys with type, default and meaning. */
    static String explained(List<ConfigKey> keys) {
        return keys.stream()
                .map(key -> key.name() + "\n"
                        + wrapped(key.type() + (key.value().isEmpty() ? "" : "; default: " + key.value()))
                        + wrapped(sentence(key.meaning())))
                .collect(Collectors.joining("\n"))
                .stripTrailing();
    }

    private static String wrapped(String text) {
        StringBuilder lines = new StringBuilder();
        StringBuilder line = new StringBuilder("   ");
        for (String word : text.split(" ", -1)) {
            if (line.length() + 1 + word.length() > WIDTH) {
                lines.append(line).append('\n');
                line = new StringBuilder("   ");
            }
            line.append(' ').append(word);
        }
        return lines.append(line).append('\n').toString();
    }

    private static String sentence(String words) {
        String text = Character.toUpperCase(words.charAt(0)) + words.substring(1);
        return text.endsWith(".") ? text : text + ".";
    }

    /** The page docs/configuration.md. */
    static String markdown() {
        StringBuilder page = new StringBuilder("""
                # Configuration

                Every key of a run's YAML, with type, default and meaning. `./norma config --markdown > docs/configuration.md` makes this
                page from the records that a configuration is read into; a test fails when a key is missing or the page is stale.

                    ./norma config learning_rate                       # explains a key
                    ./norma config configs/quickstart.yaml             # every value as a run would have it, and what it takes
                    ./norma pretrain configs/quickstart.yaml --set optimizer.learning_rate=5e-4 --set data.paths=my/books --set data.corpus=text

                A key that is left out has its default; `--set KEY=VALUE` replaces one on the command line. Unknown and repeated keys are
                errors. Whole numbers may be written as `1e3`, and a list of one entry as that entry.
                """);
        Map<Class<?>, List<Group>> byRecord = new LinkedHashMap<>();
        ConfigReference.groups().forEach(group -> byRecord.computeIfAbsent(group.record(), record -> new ArrayList<>())
                .add(group));
        byRecord.values().forEach(groups -> section(page, groups));
        return page.toString().stripTrailing();
    }

    /** One group, or the same group of several architectures. */
    private static void section(StringBuilder page, List<Group> groups) {
        Group group = groups.get(0);
        String models = groups.stream()
                .map(Group::modelType)
                .filter(type -> !type.isEmpty())
                .map(type -> "`" + type + "`")
                .collect(Collectors.joining(", "));
        String title = group.name().isEmpty() ? "Keys outside of groups" : "`" + group.name() + "`";
        page.append("\n## ").append(title).append(models.isEmpty() ? "" : " of " + models);
        page.append("\n\n")
                .append(group.meaning())
                .append("\n\n| key | type | default | meaning |\n|---|---|---|---|\n");
        for (ConfigKey key : group.keys()) {
            page.append(String.format(
                    Locale.ROOT,
                    "| `%s` | %s | %s | %s |%n",
                    key.leaf(),
                    key.type(),
                    key.value().isEmpty() ? "" : "`" + key.value() + "`",
                    sentence(key.meaning()).replace("|", "\\|")));
        }
    }

    static ObjectNode json(ObjectNode result, List<ConfigKey> keys) {
        ArrayNode all = result.putArray("keys");
        for (ConfigKey key : keys) {
            all.addObject()
                    .put("key", key.name())
                    .put("type", key.type())
                    .put("default", key.value().isEmpty() ? null : key.value())
                    .put("meaning", key.meaning());
        }
        return result;
    }
}
