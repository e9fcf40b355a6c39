/**
 * Published BERTs as checkpoint folders: Hugging Face folders, TensorFlow checkpoints and SavedModels, ONNX encoders,
 * from a folder, a zip or a jar.
 */
package norma.trainer.imports;
