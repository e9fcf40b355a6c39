/** Draws as pure functions of seed, purpose and counter. */
package norma.datasets.random;
