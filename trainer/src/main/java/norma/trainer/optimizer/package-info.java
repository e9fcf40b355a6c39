/** How gradients change parameters: AdamW, the same in a rotated basis, SGD; decay groups, clipping by global norm. */
package norma.trainer.optimizer;
