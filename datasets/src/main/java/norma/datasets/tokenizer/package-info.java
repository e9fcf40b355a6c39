/** Tokenizers: trained from scratch or given, written and read as Hugging Face's {@code tokenizer.json}. */
package norma.datasets.tokenizer;
