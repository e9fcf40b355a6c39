/** BERT: its configuration, its blocks, and the learner that trains it. */
package norma.trainer.bert;
