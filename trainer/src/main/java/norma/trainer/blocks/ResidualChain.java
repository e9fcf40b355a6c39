package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.StageState;
import norma.trainer.model.Stages;

/**
 * The stages of a post-LayerNorm encoder with one residual stream: each LayerNorm takes a sum, and all that comes after
 * depends on that sum alone. So a stage begins with a LayerNorm and ends with the sum that the next one takes.
 */
public final class ResidualChain implements Stages {
    private final Start start;
    private final List<Link> links;
    private final Map<String, Integer> firstReading = new HashMap<>();

    /** The sum of the embeddings. */
    public interface Start {
        /** (B*S, H). */
        NDArray sum(ForwardPass pass, DeviceBatch batch);

        /** Names of what it reads. */
        List<String> parameterNames();
    }

    /** A part of a layer with its residual, between two LayerNorms. */
    public interface Sum {
        /** (B*S, H) to (B*S, H). */
        NDArray of(ForwardPass pass, NDArray normed, DeviceBatch batch);
    }

    /** A LayerNorm, with what belongs to it alone. */
    public interface Normed {
        /** (B*S, H) to (B*S, H). */
        NDArray apply(ForwardPass pass, NDArray sum);
    }

    /**
     * One LayerNorm with what leads to it.
     *
     * @param sum from the LayerNorm before to this one's sum; null for the first
     * @param reads names of the parameters of the sum
     * @param norm this LayerNorm
     * @param normReads names of its parameters
     * @param site its site
     */
    public record Link(Sum sum, List<String> reads, Normed norm, List<String> normReads, LayerNormSite site) {
        public Link {
            reads = List.copyOf(reads);
            normReads = List.copyOf(normReads);
        }
    }

    /**
     * A chain.
     *
     * @param start the embeddings
     * @param links the LayerNorm of the embeddings, then those of the layers
     */
    public ResidualChain(Start start, List<Link> links) {
        this.start = start;
        this.links = List.copyOf(links);
        start.parameterNames().forEach(name -> firstReading.put(name, BEGIN));
        for (int stage = 0; stage < links.size(); stage++) {
            int before = stage - 1;
            int own = stage;
            links.get(stage).reads().forEach(name -> firstReading.put(name, before));
            links.get(stage).normReads().forEach(name -> firstReading.put(name, own));
        }
    }

    /** The sites in the order of the pass. */
    public List<LayerNormSite> sites() {
        return new ArrayList<>(links.stream().map(Link::site).toList());
    }

    @Override
    public int count() {
        return links.size();
    }

    @Override
    public int firstReading(String parameter) {
        return firstReading.getOrDefault(parameter, count());
    }

    @Override
    public StageState begin(ForwardPass pass, DeviceBatch batch) {
        return StageState.of(start.sum(pass, batch), batch); // (B*S, H)
    }

    @Override
    public StageState run(ForwardPass pass, int stage, StageState state) {
        Link link = links.get(stage);
        NDArray normed = link.norm().apply(pass, state.streams().singletonOrThrow()); // (B*S, H)
        LayerNormSite site = link.site();
        if (stage == 0 || site.isLayerOutput()) {
            pass.hiddenState(site.stack(), site.layer() + 1, normed);
        }
        return stage + 1 == links.size()
                ? StageState.of(normed, state.batch())
                : StageState.of(links.get(stage + 1).sum().of(pass, normed, state.batch()), state.batch());
    }

    @Override
    public NDArray hidden(StageState state) {
        return state.streams().singletonOrThrow();
    }
}
