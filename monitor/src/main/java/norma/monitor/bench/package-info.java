/** What the monitor is measured with. */
package norma.monitor.bench;
