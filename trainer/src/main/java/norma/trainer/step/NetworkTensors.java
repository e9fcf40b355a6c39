package norma.trainer.step;

import java.util.Map;
import norma.trainer.safetensors.HostTensor;

/**
 * What a checkpoint holds of one network.
 *
 * @param weights by Hugging Face name, in file order
 * @param optimizerState what the optimiser keeps of each trained parameter: AdamW {@code exp_avg.<name>} and
 *     {@code exp_avg_sq.<name>}, SGD {@code momentum_buffer.<name>}
 */
public record NetworkTensors(Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState) {}
