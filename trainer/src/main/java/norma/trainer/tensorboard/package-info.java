/** TensorBoard event files: TensorFlow's published messages in our own record framing. */
package norma.trainer.tensorboard;
