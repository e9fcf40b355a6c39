/** AdamW with decay groups and clipping by global norm. */
package norma.trainer.optimizer;
