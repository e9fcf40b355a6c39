/** The pre-training loop and the run folder that it fills. */
package norma.trainer.pretraining;
