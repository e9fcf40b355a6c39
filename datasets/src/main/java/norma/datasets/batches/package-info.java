/** Batches of a token store: packing, order, masks. */
package norma.datasets.batches;
