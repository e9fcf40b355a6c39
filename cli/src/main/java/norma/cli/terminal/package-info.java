/** What a command says, where it goes, how it ends: streams, log, progress, signals and exit codes. */
package norma.cli.terminal;
