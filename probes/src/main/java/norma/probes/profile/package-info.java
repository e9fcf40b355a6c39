/** Shape, activation and cost of every dimension side by side: three things that need not agree. */
package norma.probes.profile;
