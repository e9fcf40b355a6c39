/** Commands that parse, call and print. */
package norma.cli;
