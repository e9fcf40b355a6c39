/** Configurations: every key, and what one comes to. */
package norma.cli.config;
