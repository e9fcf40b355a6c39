package norma.sweep.plan;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.config.DataConfig;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.ConfigSource;
import norma.trainer.config.RunConfig;
import norma.trainer.pretraining.RunMemory;
import norma.trainer.run.RunFiles;

/**
 * What the runs of a sweep take, with their text prepared: it is tokenized once for each corpus and tokenizer, under
 * the locks of the cache that all runs of a folder share.
 *
 * @param memories of the runs, by name
 */
public record PreparedRuns(Map<String, RunMemory> memories) {
    public PreparedRuns {
        memories = Map.copyOf(memories);
    }

    /** Everything that decides tokenizer and tokens. */
    private record Text(DataConfig data, TokenizerConfig tokenizer, SequenceFormat format) {}

    /**
     * Prepares.
     *
     * @param runs the folder of the runs
     * @param room bytes that a run may take, which decides {@code training.micro_batch_size: auto}
     * @throws norma.datasets.base.InvalidInputException if a text or a tokenizer cannot be used, or does not fit a run
     */
    public static PreparedRuns of(SweepFile sweep, Path runs, double room, Progress progress) {
        Map<String, RunMemory> memories = new LinkedHashMap<>();
        Map<Text, PretrainingData> prepared = new HashMap<>();
        try {
            for (SweptRun run : sweep.plan().runs()) {
                RunConfig config = sweep.configs().get(run.name());
                Text text = new Text(
                        config.data(),
                        config.tokenizer(),
                        Architectures.of(config.model()).sequences());
                try {
                    PretrainingData data =
                            prepared.computeIfAbsent(text, missing -> prepare(missing, config.seed(), runs, progress));
                    data.requireBatch(config.training().batchSize());
                    memories.put(run.name(), memory(config, data.tokenizer(), room));
                } catch (InvalidInputException e) {
                    throw ConfigSource.key(e)
                            .map(key -> e.at(sweep.sourceOf(key, run.point()), key))
                            .orElse(e);
                }
            }
        } finally {
            prepared.values().forEach(PretrainingData::close);
        }
        return new PreparedRuns(memories);
    }

    private static PretrainingData prepare(Text text, long seed, Path runs, Progress progress) {
        return PretrainingData.prepare(
                text.data(), text.tokenizer(), text.format(), seed, RunFiles.cache(runs), progress);
    }

    private static RunMemory memory(RunConfig config, Tokenizer tokenizer, double room) {
        return RunMemory.of(config.forMachine().forTokenizer(tokenizer), room);
    }

    /** Bytes of the largest. */
    public double largest() {
        return memories.values().stream().mapToDouble(RunMemory::bytes).max().orElse(0);
    }
}
