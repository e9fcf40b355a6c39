package norma.probes.outliers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import norma.probes.dimensions.StackChoice;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Stack;

/**
 * The hidden states of a model that are looked at, in the order of the pass: of each stack the embeddings' output (0)
 * and then the layers' (1 … N).
 */
public record HiddenStates(List<State> all) {
    /**
     * One of them.
     *
     * @param index in its stack, as in Hugging Face's {@code hidden_states}
     * @param site the layer's output component; null for the embeddings' output
     */
    public record State(Stack stack, int index, String site) {
        /** The stack, as people and files have it. */
        public String stackLabel() {
            return stack.name().toLowerCase(Locale.ROOT);
        }
    }

    public HiddenStates {
        all = List.copyOf(all);
    }

    /** Those of a model with these sites, in the stacks that are chosen. */
    public static HiddenStates of(List<LayerNormSite> sites, StackChoice choice) {
        List<State> all = new ArrayList<>();
        for (Stack stack : Stack.values()) {
            List<String> outputs = sites.stream()
                    .filter(site -> site.stack() == stack && choice.containsOutput(site))
                    .map(LayerNormSite::name)
                    .toList();
            all.addAll(ofStack(stack, outputs));
        }
        return new HiddenStates(all);
    }

    /** Those of one stack with these layers; none without any. */
    static List<State> ofStack(Stack stack, List<String> outputs) {
        List<State> all = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            if (i == 0) {
                all.add(new State(stack, 0, null));
            }
            all.add(new State(stack, i + 1, outputs.get(i)));
        }
        return all;
    }

    /** How many. */
    public int size() {
        return all.size();
    }

    /** Which of them this is; -1 if it is not looked at. */
    int place(Stack stack, int index) {
        return IntStream.range(0, size())
                .filter(i -> all.get(i).stack() == stack && all.get(i).index() == index)
                .findFirst()
                .orElse(-1);
    }

    /** Which of them is the output of this component. */
    public int placeOf(String site) {
        return IntStream.range(0, size())
                .filter(i -> site.equals(all.get(i).site()))
                .findFirst()
                .orElseThrow();
    }

    /** The stacks that they are of. */
    List<Stack> stacks() {
        return all.stream().map(State::stack).distinct().toList();
    }

    /** Places of the layers' outputs, without the embeddings'. */
    int[] layers() {
        return IntStream.range(0, size()).filter(i -> all.get(i).site() != null).toArray();
    }
}
