/** Checkpoint folders in Hugging Face's layout: written whole or not at all, verified before they are used. */
package norma.trainer.checkpoint;
