/** When outlier dimensions emerge, from the recording of every step. */
package norma.probes.emergence;
