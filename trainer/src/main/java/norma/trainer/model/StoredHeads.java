package norma.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import norma.datasets.base.InvalidInputException;

/**
 * The heads that a file of weights holds. Names of tensors alone do not say: {@code classifier.weight} may be a
 * classifier's of sequences, of tokens or of choices. {@code architectures} of {@code config.json} decides which it is,
 * and a head that reads the pooler is one only together with a pooler. What is left out is named, with the reason.
 */
public final class StoredHeads {
    private final Set<Head> heads;
    private final Set<String> leftOutTensors;
    private final List<String> leftOut;
    private final Optional<String> assumption;

    private StoredHeads(Set<Head> heads, Set<String> leftOutTensors, List<String> leftOut, String assumption) {
        this.heads = Collections.unmodifiableSet(heads);
        this.leftOutTensors = Set.copyOf(leftOutTensors);
        this.leftOut = List.copyOf(leftOut);
        this.assumption = Optional.ofNullable(assumption);
    }

    /**
     * Looks at the names.
     *
     * @param classes Hugging Face's classes that {@code config.json} names, see {@link #classes}; none where it names
     *     none
     * @param tensors names as {@link TensorNames} spells them
     */
    public static StoredHeads of(Architecture architecture, List<String> classes, Collection<String> tensors) {
        return new Reading(architecture, classes, tensors).read();
    }

    /**
     * The classes that {@code architectures} of a {@code config.json} names; none where the key is missing.
     *
     * @param source the file's name, for messages
     * @throws InvalidInputException if it is no list of names
     */
    public static List<String> classes(JsonNode config, String source) {
        JsonNode listed = config.path("architectures");
        if (listed.isMissingNode() || listed.isNull()) {
            return List.of();
        }
        List<String> classes = new ArrayList<>();
        for (JsonNode one : listed) {
            classes.add(one.isTextual() ? one.asText() : "");
        }
        if (!listed.isArray() || classes.contains("")) {
            throw InvalidInputException.of(source, "architectures", listed, "a list of names of classes");
        }
        return classes;
    }

    /** The heads that are there and whole in what they need. */
    public Set<Head> heads() {
        return heads;
    }

    /** Whether a tensor belongs to a head that is left out. */
    public boolean isLeftOut(String tensor) {
        return leftOutTensors.contains(tensor);
    }

    /** What is left out and why, a sentence for each head. */
    public List<String> leftOut() {
        return leftOut;
    }

    /** What {@code config.json} did not say and was assumed of the classifier. */
    public Optional<String> assumption() {
        return assumption;
    }

    /** One file's names, sorted by the heads that they belong to. */
    private static final class Reading {
        private static final String NO_SUCH_TASK = "Norma has no task that reads it";

        private final TensorNames names;
        private final String classifierClass;
        private final List<String> classes;
        private final Map<Head, Set<String>> own = new TreeMap<>();
        private final Map<String, Set<String>> others = new TreeMap<>(); // by label

        Reading(Architecture architecture, List<String> classes, Collection<String> tensors) {
            names = architecture.names();
            classifierClass = architecture.huggingFaceClass(Set.of(Head.CLASSIFIER));
            this.classes = classes;
            for (String tensor : tensors) {
                Optional<Head> head = names.headOf(tensor);
                if (head.isPresent()) {
                    own.computeIfAbsent(head.get(), key -> new TreeSet<>()).add(tensor);
                } else {
                    names.otherHead(tensor, classes)
                            .or(() -> names.possibleOtherHead(tensor))
                            .ifPresent(label -> others.computeIfAbsent(label, key -> new TreeSet<>())
                                    .add(tensor));
                }
            }
        }

        StoredHeads read() {
            Set<Head> heads = EnumSet.noneOf(Head.class);
            Set<String> tensors = new HashSet<>();
            List<String> sentences = new ArrayList<>();
            boolean classifier = own.containsKey(Head.CLASSIFIER) && whyNot(Head.CLASSIFIER) == null;
            own.forEach((head, its) -> {
                String reason = whyNot(head);
                if (reason == null && classifier && !goesWithClassifier(head)) {
                    reason = classifierClass + " does not have it";
                }
                if (reason == null) {
                    heads.add(head);
                } else {
                    tensors.addAll(its);
                    sentences.add(sentence(label(head, its), its, reason));
                }
            });
            others.forEach((label, its) -> {
                tensors.addAll(its);
                sentences.add(sentence(label, its, NO_SUCH_TASK));
            });
            if (!classifier && others.isEmpty()) {
                heads.addAll(names.tiedHeads());
            }
            String assumption = classifier && classes.isEmpty()
                    ? "the classifier is that of " + classifierClass + ": no architectures are named"
                    : null;
            return new StoredHeads(heads, tensors, sentences, assumption);
        }

        /** Why the tensors of a head are not that head; null if they are. */
        private String whyNot(Head head) {
            if (head == Head.CLASSIFIER && !classes.isEmpty() && !classes.contains(classifierClass)) {
                return otherHead(own.get(head)).isPresent()
                        ? NO_SUCH_TASK
                        : "architectures of config.json says " + String.join(", ", classes) + ", not "
                                + classifierClass;
            }
            return names.onPooler().contains(head) && !own.containsKey(Head.POOLER)
                    ? "the pooler that it reads is missing"
                    : null;
        }

        private boolean goesWithClassifier(Head head) {
            return head == Head.CLASSIFIER
                    || (head == Head.POOLER && names.onPooler().contains(Head.CLASSIFIER));
        }

        private Optional<String> otherHead(Set<String> tensors) {
            return names.otherHead(tensors.iterator().next(), classes);
        }

        private String label(Head head, Set<String> tensors) {
            return head == Head.CLASSIFIER ? otherHead(tensors).orElse(head.label()) : head.label();
        }

        private static String sentence(String label, Set<String> tensors, String reason) {
            return "the " + label + " (" + String.join(", ", tensors) + ") is left out: " + reason;
        }
    }
}
