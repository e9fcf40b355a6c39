/** A run's {@code metrics.jsonl} as columns, read on as the file grows. */
package norma.monitor.metrics;
