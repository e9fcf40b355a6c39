/** A checkpoint as a DJL model. */
package norma.trainer.serving;
