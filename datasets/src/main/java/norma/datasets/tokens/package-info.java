/** Token ids on disk: made once per corpus and tokenizer, then mapped into memory. */
package norma.datasets.tokens;
