/** {@code norma monitor}. */
package norma.cli.monitor;
