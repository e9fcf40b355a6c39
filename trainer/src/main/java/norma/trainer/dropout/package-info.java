/** Dropout masks as pure functions of (seed, step, site, element). */
package norma.trainer.dropout;
