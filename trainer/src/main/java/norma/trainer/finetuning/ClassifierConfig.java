package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TaskKind;
import norma.trainer.architectures.Architectures;
import norma.trainer.model.Head;
import norma.trainer.model.ModelConfig;

/** Hugging Face's config.json of a sequence classifier. */
final class ClassifierConfig {
    private ClassifierConfig() {}

    static ObjectNode of(ModelConfig model, LabelledTask task) {
        ObjectNode json = model.toJson();
        json.putArray("architectures").add(huggingFaceClass(model));
        List<String> labels = task.kind().labels();
        ObjectNode names = json.putObject("id2label");
        ObjectNode numbers = json.putObject("label2id");
        for (int i = 0; i < labels.size(); i++) {
            names.put(Integer.toString(i), labels.get(i));
            numbers.put(labels.get(i), i);
        }
        json.put("problem_type", problemType(task.kind()));
        json.put("finetuning_task", task.name());
        return json;
    }

    /** The class that opens it. */
    static String huggingFaceClass(ModelConfig model) {
        return Architectures.of(model).huggingFaceClass(Set.of(Head.CLASSIFIER));
    }

    private static String problemType(TaskKind kind) {
        if (kind instanceof TaskKind.Classification) {
            return "single_label_classification";
        }
        return kind instanceof TaskKind.MultiLabel ? "multi_label_classification" : "regression";
    }
}
