/** Measurements: the machine's matrix-product rate and what a training step makes of it. */
package norma.trainer.bench;
