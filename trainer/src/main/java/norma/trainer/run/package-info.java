/** A run's folder: where everything lies in it, its lock, provenance and metrics. */
package norma.trainer.run;
