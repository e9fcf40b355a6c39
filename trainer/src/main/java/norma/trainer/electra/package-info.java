/** ELECTRA (Clark, Luong, Le and Manning 2020): a discriminator that learns from what a small generator replaces. */
package norma.trainer.electra;
