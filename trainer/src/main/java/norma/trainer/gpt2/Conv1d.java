package norma.trainer.gpt2;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;

/**
 * A linear layer whose weight is stored [in, out], as OpenAI's convolution of width 1 and Hugging Face's Conv1D have
 * it.
 *
 * @param weight (in, out)
 * @param bias (out)
 */
record Conv1d(Parameter weight, Parameter bias) {
    /**
     * Fresh parameters, {@code prefix.weight} and {@code prefix.bias}, of a layer that reads the residual stream.
     *
     * @param prefix without dot
     * @param standardDeviation of the normal that the weight starts from
     */
    static Conv1d reading(NetworkParameters parameters, String prefix, double standardDeviation, long in, long out) {
        return new Conv1d(
                parameters.normal(prefix + ".weight", standardDeviation, HiddenAxes.FIRST, in, out),
                parameters.bias(prefix + ".bias", HiddenAxes.NONE, out));
    }

    /** The same, of a layer whose outputs are added to the residual stream. */
    static Conv1d writing(NetworkParameters parameters, String prefix, double standardDeviation, long in, long out) {
        return new Conv1d(
                parameters.normal(prefix + ".weight", standardDeviation, HiddenAxes.SECOND, in, out),
                parameters.bias(prefix + ".bias", HiddenAxes.FIRST, out));
    }

    /**
     * The weight as linear layers take it: (out, in), a view of the same memory.
     *
     * @param x the layer's input, whose manager the view belongs to
     */
    NDArray weight(ForwardPass pass, NDArray x) {
        NDArray view = pass.value(weight).transpose();
        view.attach(x.getManager());
        return view;
    }

    /** The bias: (out). */
    NDArray bias(ForwardPass pass) {
        return pass.value(bias);
    }
}
