package norma.datasets.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import norma.datasets.metrics.Outcomes.Classes;
import norma.datasets.metrics.Outcomes.LabelSets;
import norma.datasets.metrics.Outcomes.Targets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random outcomes, scored by scikit-learn and SciPy too where Python has them. */
@Tag("unit")
class MetricPythonTest {
    private static final String SCRIPT = """
            import json, sys, warnings
            import numpy as np
            from scipy import stats
            from sklearn import metrics as m
            warnings.simplefilter("ignore")
            scores = []
            for case in json.load(open(sys.argv[1])):
                t, p = np.array(case["truth"]), np.array(case["predicted"])
                kind = case["kind"]
                if kind == "classes":
                    s = {"ACCURACY": m.accuracy_score(t, p), "MACRO_F1": m.f1_score(t, p, average="macro"),
                         "MATTHEWS_CORRELATION": m.matthews_corrcoef(t, p)}
                    if max(t.max(), p.max()) < 2:
                        s["F1"] = m.f1_score(t, p, zero_division=0)
                elif kind == "labels":
                    t, p = t.reshape(-1, case["labels"]), p.reshape(-1, case["labels"])
                    s = {"SUBSET_ACCURACY": m.accuracy_score(t, p)}
                    for name in ("micro", "macro", "samples"):
                        s["LABEL_" + name.upper() + "_F1"] = m.f1_score(t, p, average=name, zero_division=0)
                else:
                    s = {"PEARSON": stats.pearsonr(t, p)[0], "SPEARMAN": stats.spearmanr(t, p)[0],
                         "MEAN_SQUARED_ERROR": m.mean_squared_error(t, p)}
                scores.append({k: None if np.isnan(v) else float(v) for k, v in s.items()})
            json.dump(scores, sys.stdout)
            """;

    private final ObjectMapper mapper = new ObjectMapper();
    private final ArrayNode cases = mapper.createArrayNode();
    private final List<Outcomes> outcomes = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(11);

    @TempDir
    Path folder;

    @Test
    void randomOutcomes_areScoredAsScikitLearnAndScipyScoreThem() throws IOException, InterruptedException {
        String python = pythonWithScikitLearn();
        assumeTrue(python != null, "skipped: no python3 with scikit-learn (Debian: apt-get install python3-sklearn)");
        for (int i = 0; i < 60; i++) {
            addClasses(1 + random.nextInt(60), 2 + i % 4);
            addLabels(1 + random.nextInt(20), 2 + i % 5, i % 3 == 0 ? 0.1 : 0.5);
            addTargets(2 + random.nextInt(60), i % 2 == 0);
        }
        JsonNode scores = scores(python);
        assertThat(scores).hasSameSizeAs(outcomes);
        int compared = 0;
        for (int i = 0; i < outcomes.size(); i++) {
            for (var score : scores.get(i).properties()) {
                double ours = Metric.valueOf(score.getKey()).of(outcomes.get(i));
                if (score.getValue().isNull()) {
                    assertThat(ours).isNaN();
                } else {
                    assertThat(ours)
                            .as("%s of %s", score.getKey(), cases.get(i))
                            .isCloseTo(score.getValue().asDouble(), within(1e-12));
                }
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(600);
    }

    private void addClasses(int n, int classes) {
        int[] truth = new int[n];
        int[] predicted = new int[n];
        ObjectNode node = cases.addObject().put("kind", "classes");
        ArrayNode truths = node.putArray("truth");
        ArrayNode predictions = node.putArray("predicted");
        for (int i = 0; i < n; i++) {
            truth[i] = random.nextInt(classes);
            predicted[i] = random.nextBoolean() ? truth[i] : random.nextInt(classes);
            truths.add(truth[i]);
            predictions.add(predicted[i]);
        }
        outcomes.add(new Classes(truth, predicted));
    }

    private void addLabels(int n, int labels, double density) {
        boolean[] truth = new boolean[n * labels];
        boolean[] predicted = new boolean[n * labels];
        ObjectNode node = cases.addObject().put("kind", "labels").put("labels", labels);
        ArrayNode truths = node.putArray("truth");
        ArrayNode predictions = node.putArray("predicted");
        for (int i = 0; i < truth.length; i++) {
            truth[i] = random.nextDouble() < density;
            predicted[i] = random.nextDouble() < density;
            truths.add(truth[i] ? 1 : 0);
            predictions.add(predicted[i] ? 1 : 0);
        }
        outcomes.add(new LabelSets(labels, truth, predicted));
    }

    private void addTargets(int n, boolean tied) {
        double[] truth = new double[n];
        double[] predicted = new double[n];
        ObjectNode node = cases.addObject().put("kind", "targets");
        ArrayNode truths = node.putArray("truth");
        ArrayNode predictions = node.putArray("predicted");
        for (int i = 0; i < n; i++) {
            truth[i] = tied ? random.nextInt(4) : random.nextDouble();
            predicted[i] = tied ? random.nextInt(3) / 2.0 : truth[i] + random.nextDouble();
            truths.add(truth[i]);
            predictions.add(predicted[i]);
        }
        outcomes.add(new Targets(truth, predicted));
    }

    private JsonNode scores(String python) throws IOException, InterruptedException {
        Path script = Files.writeString(folder.resolve("scores.py"), SCRIPT);
        Path input = Files.writeString(folder.resolve("cases.json"), cases.toString());
        Path output = folder.resolve("scores.json");
        Path errors = folder.resolve("errors.txt");
        int status = new ProcessBuilder(python, script.toString(), input.toString())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start()
                .waitFor();
        assertThat(status).as(Files.readString(errors)).isZero();
        return mapper.readTree(output.toFile());
    }

    private static String pythonWithScikitLearn() throws IOException, InterruptedException {
        String chosen = System.getProperty("norma.python", "/usr/bin/python3");
        boolean works = Files.isExecutable(Path.of(chosen))
                && new ProcessBuilder(chosen, "-c", "import sklearn, scipy")
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
        return works ? chosen : null;
    }
}
