/** The machine that trains a model: parameters in one array, replicas, gradients, updates. */
package norma.trainer.step;
