/** Which dimensions, layers and LayerNorms are meant, and by which rule: values that every probe takes. */
package norma.probes.dimensions;
