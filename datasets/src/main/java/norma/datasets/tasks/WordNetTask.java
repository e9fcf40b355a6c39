package norma.datasets.tasks;

import java.util.ArrayList;
import java.util.List;
import norma.datasets.corpus.WordNetSynsets;
import norma.datasets.metrics.Metric;

/**
 * From the gloss of a WordNet 3.1 synset, which is its definition with its examples, to the lexicographer file that the
 * synset stands in: 45 classes, such as noun.animal or verb.motion (WordNet's page lexnames(5)). It comes with the
 * program. One gloss in twenty is held out, by a hash of its text, for equal glosses belong to several synsets.
 */
public record WordNetTask() implements TaskSource {
    private static final List<String> LEXICOGRAPHER_FILES = List.of(
            "adj.all",
            "adj.pert",
            "adv.all",
            "noun.Tops",
            "noun.act",
            "noun.animal",
            "noun.artifact",
            "noun.attribute",
            "noun.body",
            "noun.cognition",
            "noun.communication",
            "noun.event",
            "noun.feeling",
            "noun.food",
            "noun.group",
            "noun.location",
            "noun.motive",
            "noun.object",
            "noun.person",
            "noun.phenomenon",
            "noun.plant",
            "noun.possession",
            "noun.process",
            "noun.quantity",
            "noun.relation",
            "noun.shape",
            "noun.state",
            "noun.substance",
            "noun.time",
            "verb.body",
            "verb.change",
            "verb.cognition",
            "verb.communication",
            "verb.competition",
            "verb.consumption",
            "verb.contact",
            "verb.creation",
            "verb.emotion",
            "verb.motion",
            "verb.perception",
            "verb.possession",
            "verb.social",
            "verb.stative",
            "verb.weather",
            "adj.ppl");

    @Override
    public String name() {
        return "WordNet";
    }

    @Override
    public LabelledTask load() {
        List<LabelledExample> train = new ArrayList<>();
        List<LabelledExample> held = new ArrayList<>();
        try (WordNetSynsets synsets = new WordNetSynsets()) {
            for (var synset = synsets.next(); synset != null; synset = synsets.next()) {
                String text = synset.text();
                LabelledExample example =
                        new LabelledExample(text, null, new Label.OneClass(synset.lexicographerFile()));
                (HeldOutShare.isHeldOut(text) ? held : train).add(example);
            }
        }
        return new LabelledTask(
                name(),
                new TaskKind.Classification(LEXICOGRAPHER_FILES),
                new LabelledSplit("train", "WordNet 3.1", train),
                List.of(new LabelledSplit("dev", "WordNet 3.1", held)),
                List.of(Metric.ACCURACY, Metric.MACRO_F1),
                List.of(Metric.ACCURACY));
    }
}
