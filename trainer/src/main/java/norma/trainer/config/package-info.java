/** A run's configuration: records that check themselves, and the YAML file that they are read from and written to. */
package norma.trainer.config;
