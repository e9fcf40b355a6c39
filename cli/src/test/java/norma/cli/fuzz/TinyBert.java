package norma.cli.fuzz;

import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import norma.trainer.architectures.Architectures;
import norma.trainer.bert.BertConfig;
import norma.trainer.model.Head;
import norma.trainer.model.Network;
import norma.trainer.safetensors.HostTensor;

/** The smallest BERT that is one, with weights at random. */
final class TinyBert {
    static final int VOCABULARY = 12;
    static final int HEADS = 2;
    static final BertConfig CONFIG =
            new BertConfig(VOCABULARY, 8, 1, HEADS, 16, null, null, null, 16, 2, null, null, null, null);

    private TinyBert() {}

    static Map<String, HostTensor> weights() {
        Network network = Architectures.of(CONFIG).network(CONFIG);
        SplittableRandom random = new SplittableRandom(5);
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        for (Parameter parameter : network.parameters()) {
            boolean relation = Architectures.of(CONFIG)
                    .names()
                    .headOf(parameter.getName())
                    .filter(Head.NEXT_SENTENCE::equals)
                    .isPresent();
            if (!relation) {
                float[] values = new float[Math.toIntExact(parameter.getShape().size())];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextDouble(-1, 1);
                }
                weights.put(
                        parameter.getName(), new HostTensor(parameter.getShape().getShape(), values));
            }
        }
        return weights;
    }

    /** A token a line. */
    static String vocabulary() {
        return "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nships\nsail\nat\ndawn\nold\n##s\n.\n";
    }
}
