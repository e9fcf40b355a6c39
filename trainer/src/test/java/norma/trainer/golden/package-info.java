/** Reference outputs of implementations that we did not write. */
package norma.trainer.golden;
