/**
 * Which dimensions are outliers, by the paper's rule and by every other definition in use, and where they come from.
 */
package norma.probes.outliers;
