/** BART: its configuration, the attention and the layers of both stacks, the pass, the head and the classifier. */
package norma.trainer.bart;
