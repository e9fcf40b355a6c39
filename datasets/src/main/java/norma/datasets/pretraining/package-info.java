/** Everything between a configuration and its batches, put together. */
package norma.datasets.pretraining;
