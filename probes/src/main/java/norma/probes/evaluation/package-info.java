/** What a model is measured on, and how. */
package norma.probes.evaluation;
