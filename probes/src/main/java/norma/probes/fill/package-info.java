/**
 * What a model writes into blanks, whole and without some dimensions (Kovaleva et al. 2021, "BERT Busters", arXiv
 * 2105.06990: the examples of masked-language-model predictions).
 */
package norma.probes.fill;
