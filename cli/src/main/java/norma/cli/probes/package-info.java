/** What runs and checkpoints show: outliers, emergence, ablation, attention, filled blanks, the report. */
package norma.cli.probes;
