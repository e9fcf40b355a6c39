/** Fine-tuning one checkpoint, or the checkpoints along a run. */
package norma.cli.finetune;
