/** Pictures of a run. */
package norma.trainer.figure;
