package norma.trainer.run;

import java.nio.file.Path;
import norma.datasets.base.PublicApi;

/**
 * Where everything in a run's folder lies. It only names paths: nothing is opened, and no lock is taken.
 *
 * @param path the run's folder
 */
@PublicApi
public record RunFiles(Path path) {
    /** The name of a pre-training's figure, without the ending that says the format. */
    public static final String TRAJECTORIES = "trajectories";

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

    /** The figure of a pre-training's loss and LayerNorms over its steps, as PNG, which is the last file of a run. */
    public Path trajectories() {
        return probes().resolve(TRAJECTORIES + ".png");
    }

    /** The page about the run. */
    public Path report() {
        return path.resolve("report.html");
    }

    /** The folder of one seed of a fine-tuning, which has metrics, LayerNorms and checkpoints of its own. */
    public RunFiles seed(long seed) {
        return new RunFiles(path.resolve("seed-" + seed));
    }

    /** What all seeds of a fine-tuning came to, once they have ended. */
    public Path results() {
        return path.resolve("results.json");
    }

    /** In a seed's folder: what the seed came to, once it has ended. */
    public Path result() {
        return path.resolve("result.json");
    }

    /** In a seed's folder: its best epoch's model. */
    public Path bestCheckpoint() {
        return path.resolve("checkpoint");
    }

    /** In a seed's folder: what that model answers to each held-out example. */
    public Path predictions() {
        return path.resolve("predictions.tsv");
    }

    /** In a seed's folder: that model's LayerNorms beside those that it was fine-tuned from. */
    public Path againstParent() {
        return path.resolve("against-parent.json");
    }

    /** The run's log. */
    public Path log() {
        return path.resolve("norma.log");
    }
}
