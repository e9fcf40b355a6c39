/** One page about a run: settings, figures, and what the probes found, in a file that needs no network. */
package norma.probes.report;
