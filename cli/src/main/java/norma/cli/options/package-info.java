/** Options that several commands share. */
package norma.cli.options;
