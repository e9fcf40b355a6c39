/** When outlier dimensions emerge in the recording of a run: streaming, exact to the recorded step. */
package norma.probes.emergence;
