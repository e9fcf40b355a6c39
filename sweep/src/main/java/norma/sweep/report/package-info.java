/** What the runs of a sweep say together, read from their folders: table, CSV, JSON, figures. */
package norma.sweep.report;
