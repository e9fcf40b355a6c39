/** Reads runs and checkpoints: outliers, emergence, ablation, reports. Trains nothing. */
package norma.probes;
