package example;

import java.nio.file.Path;
import java.util.List;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.pretraining.Pretraining;
import norma.trainer.pretraining.RunSummary;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.step.Learner;

/** Trains a model and prints how far its LayerNorms reach: {@code TrainFromJava CONFIG RUNS NAME}. */
public final class TrainFromJava {
    public static void main(String[] args) {
        RunConfig config = RunConfigYaml.read(Path.of(args[0]), List.of("training.steps=200", "evaluation.every=100"));
        RunListener printer = new RunListener() {
            @Override
            public void evaluation(long step, Learner.Evaluation evaluation) {
                System.out.printf("step %d: validation loss %.3f%n", step, evaluation.loss());
            }
        };
        RunSummary run = new Pretraining(new StopRequest(), printer).start(config, Path.of(args[1]), args[2], false);
        for (SiteStatistics site : run.sites()) {
            System.out.printf("%s: weight %d has z = %.1f%n",
                    site.site(), site.weight().dimension(), site.weight().largestZ());
        }
    }
}
