package norma.probes.evaluation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.Counted;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Target;
import norma.datasets.objectives.Denoising;
import norma.datasets.objectives.MarkedReplacements;
import norma.datasets.objectives.Objective;
import norma.trainer.model.Head;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.LanguageModelScore;
import norma.trainer.pretrained.MissingHead;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.ReadingMemory;

/**
 * Loss over tokens (mean cross-entropy in nats over the predicted positions), its exp where they are predicted from a
 * vocabulary, and accuracy.
 *
 * @param source where the examples come from
 * @param objective what is predicted: masked tokens, those that follow, or whether a token was replaced
 * @param batches the examples, their masks or replacements frozen
 * @param plain the same as the text was, without predictions
 */
@PublicApi(opaque = true)
public record LanguageModelEvaluation(String source, Objective objective, List<Batch> batches, List<Batch> plain)
        implements Evaluation {
    /** Mean cross-entropy. */
    public static final String LOSS = "loss";

    private static final String PERPLEXITY = "perplexity";
    private static final String ACCURACY = "accuracy";
    private static final String PREDICTIONS = "predictions";

    /** Of batches whose labels stand where the text had them; of others, whatever they show is the text. */
    public LanguageModelEvaluation(String source, Objective objective, List<Batch> batches) {
        this(
                source,
                objective,
                batches,
                batches.stream().map(batch -> plain(batch, objective)).toList());
    }

    public LanguageModelEvaluation {
        batches = List.copyOf(batches);
        plain = List.copyOf(plain);
        if (predictions(batches) == 0) {
            throw new InvalidInputException(
                    source + ": has nothing to predict, expected at least one " + predicted(objective));
        }
    }

    /** Whether an evaluation that was described as of this kind is one of these. */
    public static boolean isKind(String kind) {
        return kind.endsWith("language model")
                || kind.equals(new MarkedReplacements().label())
                || kind.equals(Denoising.STANDARD.label());
    }

    @Override
    public Scores score(PretrainedModel bert, Iterable<BatchState> states) {
        LanguageModelScore sum = LanguageModelScore.NONE;
        for (BatchState state : states) {
            sum = sum.plus(bert.score(state));
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(LOSS, sum.loss());
        if (objective.predictsTokens()) {
            values.put(PERPLEXITY, sum.perplexity());
        }
        values.put(ACCURACY, sum.accuracy());
        values.put(PREDICTIONS, (double) sum.predictions());
        return new Scores(values);
    }

    @Override
    public String headline() {
        return LOSS;
    }

    @Override
    public double cost(Scores full, Scores ablated) {
        return ablated.get(LOSS) - full.get(LOSS);
    }

    @Override
    public String costLabel() {
        return "rise of " + LOSS;
    }

    @Override
    public List<String> summarized() {
        return objective.predictsTokens() ? List.of(LOSS, PERPLEXITY, ACCURACY) : List.of(LOSS, ACCURACY);
    }

    @Override
    public ObjectNode describe() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", objective.label());
        json.put("source", source);
        json.put("rows", rows());
        json.put("tokens", batches.stream().mapToLong(Batch::tokens).sum());
        json.put(PREDICTIONS, predictions(batches));
        json.put("sha256", sha256());
        return json;
    }

    @Override
    public String words() {
        return source + ": " + Counted.of(rows(), "sequence") + ", "
                + Counted.of(predictions(batches), predicted(objective));
    }

    /**
     * What attention is measured on: the text as the model reads it, and whole where it is not hidden by mask tokens.
     */
    public List<Batch> read() {
        return objective.hidesByOrder() ? plain : batches;
    }

    private static String predicted(Objective objective) {
        if (!objective.predictsTokens()) {
            return "token";
        }
        return objective.masks().isPresent() ? "masked position" : "predicted position";
    }

    /** A batch that predicts nothing, with the labels where their tokens stand; what a decoder says, where one does. */
    private static Batch plain(Batch batch, Objective objective) {
        if (batch.target() != null) {
            return said(batch);
        }
        int[] ids = batch.inputIds().clone();
        for (int i = 0; objective.predictsTokens() && i < batch.predictedPositions().length; i++) {
            ids[batch.predictedPositions()[i] + objective.labelOffset()] = batch.predictedLabels()[i];
        }
        return new Batch(
                batch.rows(),
                batch.length(),
                ids,
                batch.tokenTypeIds(),
                batch.lengths(),
                new int[0],
                new int[0],
                batch.nextSentenceLabels());
    }

    /** What a decoder that reads the target is to say, as sequences. */
    private static Batch said(Batch batch) {
        Target target = batch.target();
        int[] ids = target.inputIds().clone();
        for (int row = 0; row < batch.rows(); row++) {
            int from = row * target.length();
            System.arraycopy(target.inputIds(), from + 1, ids, from, target.length() - 1);
        }
        for (int i = 0; i < batch.predictedPositions().length; i++) {
            ids[batch.predictedPositions()[i]] = batch.predictedLabels()[i];
        }
        int[] none = {};
        return new Batch(batch.rows(), target.length(), ids, new int[ids.length], target.lengths(), none, none, null);
    }

    @Override
    public void requireFits(PretrainedModel bert) {
        Head head = objective.predictsTokens() ? Head.LANGUAGE_MODEL : Head.REPLACED_TOKENS;
        if (!bert.heads().contains(head)) {
            String purpose = objective.predictsTokens() ? "to predict tokens with" : "to find replaced tokens with";
            throw MissingHead.of(bert.folder(), bert.heads(), head, purpose);
        }
        requireReads(bert);
    }

    /**
     * Refuses a model, with any heads or none, that cannot read the text.
     *
     * @throws InvalidInputException if the text is longer than its positions, holds ids that it has no row for, or has
     *     more sequences in a batch than there is memory for
     */
    public void requireReads(PretrainedModel bert) {
        batches.forEach(batch -> bert.tables().require(source, batch));
        ReadingMemory.of(bert, batches).require();
    }

    private int rows() {
        return batches.stream().mapToInt(Batch::rows).sum();
    }

    private static long predictions(List<Batch> batches) {
        return batches.stream()
                .mapToLong(batch -> batch.predictedPositions().length)
                .sum();
    }

    /** Of hidden tokens a byte for each query and key, 1 where the key is hidden; nothing where none is. */
    private static void update(MessageDigest digest, Batch batch) {
        byte[] keys = new byte[batch.length()];
        for (int row = 0; batch.hidden() != null && row < batch.rows(); row++) {
            for (int query = 0; query < keys.length; query++) {
                for (int key = 0; key < keys.length; key++) {
                    keys[key] = (byte) (batch.hidden().hides(row, query, key) ? 1 : 0);
                }
                digest.update(keys);
            }
        }
    }

    /**
     * SHA-256 over ids, lengths, predicted positions and labels, and a target's ids and lengths, as little-endian
     * int32, and which tokens are hidden from which, batch by batch.
     */
    private String sha256() {
        MessageDigest digest = Hashes.sha256();
        for (Batch batch : batches) {
            List<int[]> all = new ArrayList<>(List.of(
                    batch.inputIds(),
                    batch.tokenTypeIds(),
                    batch.lengths(),
                    batch.predictedPositions(),
                    batch.predictedLabels()));
            if (batch.target() != null) {
                all.add(batch.target().inputIds());
                all.add(batch.target().lengths());
            }
            for (int[] values : all) {
                ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asIntBuffer().put(values);
                digest.update(bytes.array());
            }
            update(digest, batch);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
