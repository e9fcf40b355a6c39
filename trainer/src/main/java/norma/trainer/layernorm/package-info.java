/** LayerNorm sites: snapshots, their recording, statistics and the paper's outlier rule. */
package norma.trainer.layernorm;
