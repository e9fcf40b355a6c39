package norma.trainer.electra;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Replacements;
import norma.datasets.objectives.ReplacedTokens;
import norma.datasets.random.CounterHash;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.DeviceReads;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LossSums;
import norma.trainer.model.LossTerm;
import norma.trainer.model.Losses;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.ScoreSums;
import norma.trainer.model.TrainingPass;

/**
 * Generator and discriminator trained together (Clark, Luong, Le and Manning 2020, section 2). The generator predicts
 * masked tokens; tokens drawn from its softmax take their places; the discriminator says of every token that is not
 * padding whether it was replaced. Nothing goes backward through the draws. The loss is the generator's mean plus the
 * discriminator's, weighted. Both have the embedding tables in common.
 *
 * @param generator learns as a masked language model
 * @param discriminator learns from what the generator made, and is what a checkpoint folder opens as
 * @param weight of the discriminator's loss
 */
record ElectraPretraining(HeadLosses generator, HeadLosses discriminator, double weight) implements PretrainingModel {
    private static final int DISCRIMINATOR_TERM = 1;

    /**
     * Both with fresh weights.
     *
     * @param parts embeddings and layers of the discriminator, without heads
     * @param seed of the run; the generator's initial weights are drawn from another one
     */
    static ElectraPretraining of(ElectraConfig config, ElectraParts parts, long seed) {
        Network generator = parts.beside(config.generator(), CounterHash.key(seed, ReplacedTokens.GENERATOR))
                .withVocabularyHead()
                .network();
        Network discriminator = parts.withReplacedTokenHead().network();
        return new ElectraPretraining(
                new HeadLosses(generator, List.of(HeadLosses.Task.MASKED_LM), Set.of()),
                new HeadLosses(discriminator, List.of(HeadLosses.Task.REPLACED_TOKENS), Set.of()),
                config.discriminatorWeight());
    }

    @Override
    public Map<String, Network> networks() {
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put(MAIN, discriminator.main());
        networks.put(ReplacedTokens.GENERATOR, generator.main());
        return networks;
    }

    @Override
    public List<LossTerm> terms() {
        return List.of(
                generator.terms().get(0),
                new LossTerm(discriminator.terms().get(0).name(), LossTerm.Unit.TOKEN, weight));
    }

    @Override
    public Set<Parameter> untrained() {
        return Set.of();
    }

    @Override
    public void forwardBackward(TrainingPass pass, DeviceBatch batch, LossSums sums) {
        Draw draw = new Draw(
                pass.losses(), batch, Replacements.shares(batch.host(), row -> pass.draws(Replacements.PURPOSE, row)));
        generator.forwardBackward(pass, batch, sums, draw);
        discriminator.forwardBackward(pass, draw.replaced(), new LossSums() {
            @Override
            public void add(int term, NDArray loss) {
                sums.add(DISCRIMINATOR_TERM + term, loss);
            }

            @Override
            public NDArray weighted(int term, NDArray gradient) {
                return sums.weighted(DISCRIMINATOR_TERM + term, gradient);
            }
        });
    }

    @Override
    public void score(ForwardPass pass, Losses losses, DeviceBatch batch, ScoreSums sums) {
        Draw draw = new Draw(losses, batch, Replacements.heldOutShares(batch.host()));
        generator.score(pass, losses, batch, sums, logits -> draw.accept(losses.probabilities(logits)));
        ScoreSums own = new ScoreSums(1);
        discriminator.score(pass, losses, draw.replaced(), own);
        sums.add(DISCRIMINATOR_TERM, own);
    }

    /** Draws the tokens of a batch by the generator's probabilities while they are there. */
    private static final class Draw implements Consumer<NDArray> {
        private final Losses losses;
        private final DeviceBatch masked;
        private final float[] shares;
        private final int[] drawn;
        private int done;

        Draw(Losses losses, DeviceBatch masked, float[] shares) {
            this.losses = losses;
            this.masked = masked;
            this.shares = shares;
            drawn = new int[shares.length];
        }

        @Override
        public void accept(NDArray probabilities) {
            int rows = Math.toIntExact(probabilities.getShape().get(0));
            float[] ofPart = Arrays.copyOfRange(shares, done, done + rows);
            NDArray tokens = losses.draws(probabilities, masked.perPrediction(ofPart)); // (rows)
            for (long token : DeviceReads.longs(tokens)) {
                drawn[done++] = Math.toIntExact(token);
            }
        }

        DeviceBatch replaced() {
            Batch host = Replacements.of(masked.host(), drawn);
            return masked.with(host);
        }
    }
}
