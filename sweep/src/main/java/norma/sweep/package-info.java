/** Many runs at once: sweeps over seeds and settings, and what their runs say together. */
package norma.sweep;
