/** The monitor: a local web page on which runs are watched. It reads run folders and writes nothing. */
package norma.monitor;
