/** Published models as checkpoint folders. */
package norma.cli.imports;
