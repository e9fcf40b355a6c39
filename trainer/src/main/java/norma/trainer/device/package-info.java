/** The device that a run computes on. */
package norma.trainer.device;
