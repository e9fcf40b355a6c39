/** Many runs at once. */
package norma.cli.sweep;
