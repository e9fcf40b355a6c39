/** What an architecture is, as interfaces and records: no configuration file, loop or disk. */
package norma.trainer.model;
