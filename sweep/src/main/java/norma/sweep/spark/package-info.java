/** Trains the runs of a sweep, each in a process of its own, where Apache Spark finds room for them. */
package norma.sweep.spark;
