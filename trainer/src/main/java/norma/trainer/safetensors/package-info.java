/** Reading and writing safetensors files. */
package norma.trainer.safetensors;
