/** The folder of a sweep, beside those of its runs. */
package norma.sweep.folder;
