package norma.trainer.examples;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import norma.trainer.serving.FillMaskModel;

/** Fills the mask of each text, on several threads: FillMasks CHECKPOINT TEXT… */
public final class FillMasks {
    private FillMasks() {}

    public static void main(String[] args) throws InterruptedException, ExecutionException {
        List<String> texts = List.of(args).subList(1, args.length);
        List<Classifications> answers = fill(Path.of(args[0]), texts);
        for (int i = 0; i < texts.size(); i++) {
            System.out.println(texts.get(i));
            answers.get(i)
                    .items()
                    .forEach(
                            token -> System.out.printf("  %-12s %.4f%n", token.getClassName(), token.getProbability()));
        }
    }

    static List<Classifications> fill(Path checkpoint, List<String> texts)
            throws InterruptedException, ExecutionException {
        try (FillMaskModel model = FillMaskModel.open(checkpoint, Device.cpu(), 5)) {
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try {
                List<Future<Classifications>> answers = new ArrayList<>();
                for (String text : texts) {
                    answers.add(threads.submit(() -> {
                        try (Predictor<String, Classifications> predictor = model.newPredictor()) {
                            return predictor.predict(text);
                        }
                    }));
                }
                List<Classifications> all = new ArrayList<>();
                for (Future<Classifications> answer : answers) {
                    all.add(answer.get());
                }
                return all;
            } finally {
                threads.shutdown();
            }
        }
    }
}
