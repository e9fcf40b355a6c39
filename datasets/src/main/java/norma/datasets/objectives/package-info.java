/** What models learn from text: the sequences of an objective, and what is predicted in them. */
package norma.datasets.objectives;
