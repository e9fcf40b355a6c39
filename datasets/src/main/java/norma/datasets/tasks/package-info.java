/** Labelled tasks: where their examples come from, what is to be predicted, and batches of them. */
package norma.datasets.tasks;
