/** How fast steps, batches and probes are, and what this machine offers. */
package norma.cli.bench;
