/** What every other package may use: errors that name their place, hashes, progress. */
package norma.datasets.base;
