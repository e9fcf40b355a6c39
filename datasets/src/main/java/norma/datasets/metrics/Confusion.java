package norma.datasets.metrics;

/** How decisions for and against one class or label turned out. */
record Confusion(long truePositives, long falsePositives, long falseNegatives) {
    boolean isEmpty() {
        return truePositives + falsePositives + falseNegatives == 0;
    }

    /** 2 TP / (2 TP + FP + FN), 0 where that is 0/0. */
    double f1() {
        return isEmpty() ? 0 : 2.0 * truePositives / (2.0 * truePositives + falsePositives + falseNegatives);
    }
}
