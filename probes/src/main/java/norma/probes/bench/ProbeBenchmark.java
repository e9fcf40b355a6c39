package norma.probes.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.probes.ablation.Ablation;
import norma.probes.ablation.AblationPlace;
import norma.probes.ablation.AblationScope;
import norma.probes.ablation.AblationStudy;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.trainer.bench.Spread;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.LanguageModelScore;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Times ablations against the plain forward pass over the same examples, both scored. What is compared is measured in
 * turns, in rounds that each begin with another measurement, so that a change of the machine's speed meets all alike.
 */
public final class ProbeBenchmark {
    private static final int EDITS = 5; // a round, because one takes little time

    private final PretrainedModel bert;
    private final LanguageModelEvaluation evaluation;
    private final List<AblationPlace> places;

    /**
     * A benchmark.
     *
     * @param places where to ablate
     * @throws InvalidInputException if the model cannot be scored, or lacks a place's layers
     */
    public ProbeBenchmark(PretrainedModel bert, LanguageModelEvaluation evaluation, List<AblationPlace> places) {
        evaluation.requireFits(bert);
        places.forEach(place -> place.edited(bert.layerNormSites()));
        this.bert = bert;
        this.evaluation = evaluation;
        this.places = List.copyOf(places);
    }

    /**
     * What was measured. Seconds are those of the whole evaluation set.
     *
     * @param loss of the whole model, as the plain pass gives it
     * @param plainSeconds the forward pass with scoring, without anything of ablations
     * @param places the ablations, in the order in which the places were given
     */
    public record Result(double loss, Spread plainSeconds, List<Place> places) {
        public Result {
            places = List.copyOf(places);
        }
    }

    /**
     * Ablations in one place. A ratio is that to the plain pass of the same round.
     *
     * @param loss of the whole model, as the ablations' own pass gives it
     * @param aloneSeconds one ablation by itself: the layers below the first edited site, edit, the rest, undoing
     * @param aloneRatio the same over the plain pass
     * @param furtherSeconds each further one, which takes what lies below from the first: that of a scan
     * @param furtherRatio the same over the plain pass
     * @param editSeconds editing the weights in memory and putting them back, which is part of both
     */
    public record Place(
            double loss,
            Spread aloneSeconds,
            Spread aloneRatio,
            Spread furtherSeconds,
            Spread furtherRatio,
            Spread editSeconds) {}

    /**
     * Measures.
     *
     * @param rounds that are timed, after one that is not
     * @throws InvalidInputException if there are more rounds than dimensions to ablate
     */
    public Result run(int rounds, Progress progress) {
        int hidden = bert.config().hiddenSize();
        if (rounds < 1 || rounds >= hidden) {
            throw InvalidInputException.setting(
                    "rounds", rounds, "1 to " + (hidden - 1) + ": each ablates another dimension of " + bert.folder());
        }
        List<Timed> timed = new ArrayList<>();
        try {
            places.forEach(place -> timed.add(new Timed(place)));
            double[] loss = new double[1];
            List<Runnable> measurements = new ArrayList<>(List.of(() -> loss[0] = plainLoss()));
            List<List<Double>> seconds = new ArrayList<>(List.of(new ArrayList<>()));
            for (Timed place : timed) {
                measurements.addAll(List.of(place::alone, place::further));
                seconds.addAll(List.of(new ArrayList<>(), new ArrayList<>()));
            }
            for (int round = 0; round <= rounds; round++) {
                progress.update("timing ablations", round, rounds + 1L, "rounds");
                measure(round, measurements, seconds);
                timed.forEach(Timed::edits);
            }
            progress.update("timing ablations", rounds + 1L, rounds + 1L, "rounds");
            seconds.forEach(list -> list.remove(0)); // the round of warm-up
            List<Place> measured = new ArrayList<>();
            for (int i = 0; i < timed.size(); i++) {
                measured.add(timed.get(i).result(seconds.get(0), seconds.get(1 + 2 * i), seconds.get(2 + 2 * i)));
            }
            return new Result(loss[0], Spread.of(seconds.get(0)), measured);
        } finally {
            timed.forEach(Timed::close);
        }
    }

    private static void measure(int round, List<Runnable> measurements, List<List<Double>> seconds) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < measurements.size(); i++) {
            order.add(i);
        }
        Collections.rotate(order, round);
        for (int which : order) {
            seconds.get(which).add(seconds(measurements.get(which)));
        }
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    /** A forward pass as anybody would write it who has never heard of ablations. */
    private double plainLoss() {
        LanguageModelScore sum = LanguageModelScore.NONE;
        for (Batch batch : evaluation.batches()) {
            try (BatchState state = bert.advance(batch, 0)) {
                sum = sum.plus(bert.score(state));
            }
        }
        return sum.loss();
    }

    /** The ablations of one place. */
    private final class Timed implements AutoCloseable {
        private final AblationPlace place;
        private final AblationStudy study;
        private final double loss;
        private final List<Double> edits = new ArrayList<>();
        private int next;

        Timed(AblationPlace place) {
            this.place = place;
            study = AblationStudy.open(bert, evaluation, place, Progress.NONE);
            loss = study.full().get(LanguageModelEvaluation.LOSS);
        }

        double alone() {
            try (AblationStudy own = AblationStudy.open(bert, evaluation, place, Progress.NONE)) {
                return own.ablated(List.of(0, 1)).get(LanguageModelEvaluation.LOSS);
            }
        }

        /** Another dimension each time, because a study remembers what it has measured. */
        double further() {
            return study.ablated(List.of(next++)).get(LanguageModelEvaluation.LOSS);
        }

        void edits() {
            for (int i = 0; i < EDITS; i++) {
                edits.add(seconds(() -> AblationScope.open(bert, new Ablation(List.of(0), place))
                        .close()));
            }
        }

        Place result(List<Double> plain, List<Double> alone, List<Double> further) {
            return new Place(
                    loss,
                    Spread.of(alone),
                    ratio(alone, plain),
                    Spread.of(further),
                    ratio(further, plain),
                    Spread.of(edits.subList(EDITS, edits.size())));
        }

        @Override
        public void close() {
            study.close();
        }
    }

    private static Spread ratio(List<Double> seconds, List<Double> plain) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < seconds.size(); i++) {
            ratios.add(seconds.get(i) / plain.get(i));
        }
        return Spread.of(ratios);
    }
}
