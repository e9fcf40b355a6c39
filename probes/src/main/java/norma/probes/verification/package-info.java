/** Whether a run's folder holds what it says: its checkpoints against their manifests, each other and the recording. */
package norma.probes.verification;
