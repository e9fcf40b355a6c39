/** Measures of predictions against labels, as GLUE, scikit-learn and SciPy define them. */
package norma.datasets.metrics;
