/** Models, optimiser, training loop, checkpoints and recordings. Knows no probe. */
package norma.trainer;
