/** Where the results of probes lie. */
package norma.probes.files;
