package norma.trainer.pretrained;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import norma.trainer.device.DeviceReads;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Kernels;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TransformerShape;

/** A pass that copies to an observer what it asks for. */
record ObservedPass(ForwardPass pass, ForwardObserver observer) implements ForwardPass {
    @Override
    public NDArray value(Parameter parameter) {
        return pass.value(parameter);
    }

    @Override
    public NDArray stacked(Parameter... parameters) {
        return pass.stacked(parameters);
    }

    @Override
    public Kernels kernels(TransformerShape shape) {
        return pass.kernels(shape);
    }

    @Override
    public void hiddenState(LayerNormSite.Stack stack, int index, NDArray hiddenState) {
        if (observer.wantsHiddenStates()) {
            observer.hiddenState(stack, index, DeviceReads.copy(hiddenState));
        }
    }

    @Override
    public void attentionProbs(AttentionKind kind, int layer, NDArray probs) {
        if (observer.wantsAttentionProbs()) {
            observer.attentionProbs(kind, layer, DeviceReads.copy(probs));
        }
    }
}
