/** Where text comes from, as a stream of documents. */
package norma.datasets.corpus;
