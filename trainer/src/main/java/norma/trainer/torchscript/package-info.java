/** TorchScript written from Java: libtorch's operators that DJL does not expose. */
package norma.trainer.torchscript;
