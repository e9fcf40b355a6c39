/** The monitor's web server: who may ask, what is answered, and what is sent unasked. */
package norma.monitor.server;
