package norma.trainer.model;

import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.trainer.device.DeviceBatch;

/** What a step trains: one network, or several that learn together. */
public interface PretrainingModel {
    /** The name of the network that a checkpoint folder opens as. */
    String MAIN = "";

    /**
     * The networks by name, {@link #MAIN} first; the others lie in a folder of their name inside a checkpoint. Two of
     * them may have parameters of one name, and may share a parameter.
     */
    Map<String, Network> networks();

    /** The sites of networks, the main one's first; those of another after its name. */
    static List<LayerNormSite> sites(Map<String, Network> networks) {
        List<LayerNormSite> sites = new ArrayList<>();
        networks.forEach((name, network) ->
                network.layerNormSites().forEach(site -> sites.add(name.equals(MAIN) ? site : site.in(name))));
        return sites;
    }

    /** The terms of the loss; the first one decides what gradients are divided by. */
    List<LossTerm> terms();

    /** Parameters that no term reaches. */
    Set<Parameter> untrained();

    /** Forward and backward over a micro-batch. */
    void forwardBackward(TrainingPass pass, DeviceBatch batch, LossSums sums);

    /** Losses of a held-out batch. */
    void score(ForwardPass pass, Losses losses, DeviceBatch batch, ScoreSums sums);

    /** The network that a checkpoint folder opens as. */
    default Network main() {
        return networks().get(MAIN);
    }
}
