/** A network of an architecture that nobody has, with everything that a BERT does not have. */
package norma.trainer.toy;
