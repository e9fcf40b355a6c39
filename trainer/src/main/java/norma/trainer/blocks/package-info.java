/** Computation that architectures share: parameters by their Hugging Face names, operators, kernels, losses. */
package norma.trainer.blocks;
