/** What the page shows of a run's {@code layernorm.zarr}: as much as a screen can show, of however long a recording. */
package norma.monitor.recording;
