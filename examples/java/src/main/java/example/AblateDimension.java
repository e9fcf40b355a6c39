package example;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.Progress;
import norma.probes.ablation.AblationPlace;
import norma.probes.ablation.AblationStudy;
import norma.probes.evaluation.Evaluation;
import norma.probes.evaluation.EvaluationText;
import norma.probes.source.ModelSource;
import norma.trainer.pretrained.PretrainedModel;

/** Prints what a run's last checkpoint loses without one dimension: {@code AblateDimension RUN DIMENSION}. */
public final class AblateDimension {
    public static void main(String[] args) {
        ModelSource source = ModelSource.of(Path.of(args[0]), System.err::println);
        Evaluation heldOut = new EvaluationText(new EvaluationText.HeldOut(), 128, 32, 32).prepare(source, Progress.NONE);
        try (PretrainedModel model = PretrainedModel.open(source.last().folder(), Device.cpu());
                AblationStudy study = AblationStudy.open(model, heldOut, AblationPlace.PAPER, Progress.NONE)) {
            double whole = study.full().get("loss");
            double without = study.ablated(List.of(Integer.parseInt(args[1]))).get("loss");
            System.out.printf("loss %.4f, without dimension %s %.4f: %+.4f nats%n",
                    whole, args[1], without, without - whole);
        }
    }
}
