/** What a fine-tuned model says of texts, and how often it is right. */
package norma.probes.classification;
