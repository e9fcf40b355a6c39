/**
 * What a model loses without some dimensions of its LayerNorms (Kovaleva et al. 2021, "BERT Busters", section 4, arXiv
 * 2105.06990). An ablation is an edit of the weights in memory, undone when its scope closes.
 */
package norma.probes.ablation;
