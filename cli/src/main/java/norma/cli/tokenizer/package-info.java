/** Tokenizers, trained and used. */
package norma.cli.tokenizer;
