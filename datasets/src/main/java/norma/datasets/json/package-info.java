/** JSON that is read whole: what it says, or one sentence about what is wrong with it. */
package norma.datasets.json;
