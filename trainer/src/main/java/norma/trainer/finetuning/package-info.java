/** Fine-tuning of a BERT on a labelled task: several seeds, the best epoch of each, scores beside the baseline. */
package norma.trainer.finetuning;
