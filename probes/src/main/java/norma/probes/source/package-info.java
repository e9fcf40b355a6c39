/** What a probe reads: a checkpoint folder, or the checkpoints of a run. */
package norma.probes.source;
