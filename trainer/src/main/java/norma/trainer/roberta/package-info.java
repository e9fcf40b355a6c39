/** RoBERTa (Liu et al. 2019): BERT with positions counted from the padding token and a head of its own. */
package norma.trainer.roberta;
