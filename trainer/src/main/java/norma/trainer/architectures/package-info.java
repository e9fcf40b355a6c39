/** The list of architectures, the only place that knows all of them. */
package norma.trainer.architectures;
