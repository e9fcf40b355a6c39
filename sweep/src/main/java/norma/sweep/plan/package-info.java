/** Which runs a sweep consists of. */
package norma.sweep.plan;
