/** Zarr version 2 arrays that grow along their first axis, written so that a reader never sees a hole. */
package norma.trainer.zarr;
