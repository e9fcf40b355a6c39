/** What the checkpoints of a pre-training run are worth on a task: fine-tuned, then measured whole and ablated. */
package norma.probes.downstream;
