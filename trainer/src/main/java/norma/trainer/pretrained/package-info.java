/** A checkpoint opened for reading, editing in memory and scoring. */
package norma.trainer.pretrained;
