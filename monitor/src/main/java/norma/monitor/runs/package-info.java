/** The runs of a folder: which there are, how each is, and what its files say. */
package norma.monitor.runs;
