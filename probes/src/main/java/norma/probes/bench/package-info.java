/** Measurements: what an ablation costs beside a forward pass. */
package norma.probes.bench;
