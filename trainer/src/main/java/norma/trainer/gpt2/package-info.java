/** GPT-2: its configuration, a layer, the pass, the head and the classifier. */
package norma.trainer.gpt2;
