/** XLNet (Yang et al. 2019): a content and a query stream, relative positions, tokens predicted in a random order. */
package norma.trainer.xlnet;
