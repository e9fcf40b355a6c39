/** Files that are either whole or not there. */
package norma.datasets.files;
