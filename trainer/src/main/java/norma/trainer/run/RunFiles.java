package norma.trainer.run;

import java.nio.file.Path;

/**
 * Where everything in a run's folder lies. It only names paths: nothing is opened, and no lock is taken.
 *
 * @param path the run's folder
 */
public record RunFiles(Path path) {
    /**
     * The folder of prepared text and tokenizers that runs share.
     *
     * @param runs the folder of the runs
     */
    public static Path cache(Path runs) {
        return runs.resolve(".cache");
    }

    /** The resolved configuration of a pre-training. */
    public Path config() {
        return path.resolve("config.yaml");
    }

    /** The resolved configuration of a fine-tuning. */
    public Path finetuningConfig() {
        return path.resolve("finetune.yaml");
    }

    /** What the run was made with and from. */
    public Path provenance() {
        return path.resolve("provenance.json");
    }

    /** How the run is, rewritten every few seconds while it trains; {@link RunStates} reads it. */
    public Path status() {
        return path.resolve("status.json");
    }

    /** The tokenizer, in Hugging Face's form. */
    public Path tokenizer() {
        return path.resolve("tokenizer.json");
    }

    /** A JSON object for each logged step. */
    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    /** Weight and bias of every LayerNorm at every recorded step. */
    public Path layerNorms() {
        return path.resolve("layernorm.zarr");
    }

    /** The folder of the event files. */
    public Path tensorBoard() {
        return path.resolve("tensorboard");
    }

    /** The folder of the checkpoints. */
    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    /** The folder of what probes found, and of their figures. */
    public Path probes() {
        return path.resolve("probes");
    }

    /** The run's log. */
    public Path log() {
        return path.resolve("norma.log");
    }
}
