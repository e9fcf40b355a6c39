/** Pre-training, and resuming whatever was stopped. */
package norma.cli.training;
