/** Comparisons with reference outputs of another implementation. */
package norma.trainer.reference;
