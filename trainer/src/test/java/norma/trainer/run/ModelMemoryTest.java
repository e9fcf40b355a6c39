package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import norma.datasets.base.InvalidInputException;
import norma.trainer.architectures.Architectures;
import norma.trainer.bert.BertConfig;
import norma.trainer.model.Network;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class ModelMemoryTest {
    private static BertConfig bert(int vocabulary, int hidden, int layers) {
        return new BertConfig(
                vocabulary, hidden, layers, 1, 4 * hidden, null, null, null, 512, 2, null, null, null, null);
    }

    @Test
    void parametersOfBertBase_areThoseOfItsNetworkWithoutHeadsBiasesAndNorms() {
        BertConfig base = bert(30522, 768, 12);
        Network network = Architectures.of(base).network(base);
        double matrices = network.parameters().stream()
                .filter(parameter -> parameter.getName().matches("bert\\.(embeddings|encoder).*"))
                .filter(parameter -> parameter.getShape().dimension() == 2)
                .mapToDouble(parameter -> parameter.getShape().size())
                .sum();
        assertThat(base.parameters()).isEqualTo(matrices).isBetween(108e6, 110e6);
    }

    @Test
    void aModelThatFitsInFourCopies_isAccepted_andOneByteLessIsRefused() {
        BertConfig base = bert(30522, 768, 12);
        long needed = (long) (4 * 4 * base.parameters());
        ModelMemory.require(base, 4, needed);
        assertThatThrownBy(() -> ModelMemory.require(base, 4, needed - 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("model: hidden_size", "108,770,304 parameters", "1.6 GiB in training");
    }

    @Test
    void sizesThatOverflowEveryInteger_areRefused() {
        long machine = 1L << 42;
        assertThatThrownBy(() -> ModelMemory.require(bert(100, 100_000, 2), 4, machine / 64))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> ModelMemory.require(bert(Integer.MAX_VALUE, 16_384, 1), 4, machine))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> ModelMemory.require(bert(100, 16_384, 10_000), 4, machine))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> bert(100, 64, Integer.MAX_VALUE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("model: num_hidden_layers: found 2147483647, expected a whole number from 1 to 10000");
    }
}
