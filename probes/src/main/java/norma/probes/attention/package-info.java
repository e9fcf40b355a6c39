/**
 * Where attention heads look, whole and without some dimensions: entropy and shares of attention on kinds of tokens
 * (Clark et al. 2019, "What does BERT look at?", sections 3.2 and 3.3, arXiv 1906.04341).
 */
package norma.probes.attention;
