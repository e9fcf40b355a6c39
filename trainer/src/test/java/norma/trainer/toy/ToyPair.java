package norma.trainer.toy;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LossSums;
import norma.trainer.model.LossTerm;
import norma.trainer.model.Losses;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.ScoreSums;
import norma.trainer.model.TrainingPass;

/** Two networks of the same parameter names that learn together, each with a term of its own, as ELECTRA's two. */
public final class ToyPair implements PretrainingModel {
    /** The name of the second network. */
    public static final String GENERATOR = "generator";

    private final HeadLosses main;
    private final HeadLosses generator;

    /** Networks of the same shape with other weights. */
    public ToyPair(ToyConfig config, long seed) {
        main = new HeadLosses(new ToyNetwork(config, seed), List.of(HeadLosses.Task.MASKED_LM), Set.of());
        generator = new HeadLosses(new ToyNetwork(config, seed + 1), List.of(HeadLosses.Task.MASKED_LM), Set.of());
    }

    @Override
    public Map<String, Network> networks() {
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put(MAIN, main.main());
        networks.put(GENERATOR, generator.main());
        return networks;
    }

    @Override
    public List<LossTerm> terms() {
        return List.of(
                new LossTerm("main", LossTerm.Unit.PREDICTION, 1),
                new LossTerm(GENERATOR, LossTerm.Unit.PREDICTION, 1));
    }

    @Override
    public Set<Parameter> untrained() {
        return Set.of();
    }

    @Override
    public void forwardBackward(TrainingPass pass, DeviceBatch batch, LossSums sums) {
        main.forwardBackward(pass, batch, sums);
        generator.forwardBackward(pass, batch, new LossSums() {
            @Override
            public void add(int term, NDArray loss) {
                sums.add(term + 1, loss);
            }

            @Override
            public NDArray weighted(int term, NDArray gradient) {
                return sums.weighted(term + 1, gradient);
            }
        });
    }

    @Override
    public void score(ForwardPass pass, Losses losses, DeviceBatch batch, ScoreSums sums) {
        ScoreSums own = new ScoreSums(1);
        main.score(pass, losses, batch, sums);
        generator.score(pass, losses, batch, own);
        sums.add(1, new Losses.Score(own.meanLoss(0) * own.count(0), 0), own.count(0));
    }
}
