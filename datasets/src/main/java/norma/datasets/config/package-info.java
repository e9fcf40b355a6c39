/** What a user says about the text of a run. */
package norma.datasets.config;
