package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.ShipsTask;
import norma.cli.TinyRunTests;
import norma.datasets.files.DurableFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A run that was killed while its folder was set up or while its first outputs were made: what each write leaves, built
 * from a whole run in the order of the writes. It can be resumed or begun again by the same command, and ends as the
 * one that was never stopped.
 */
@Tag("run")
class HalfBegunRunTest extends TinyRunTests {
    /** Of a pre-training; a name behind a tilde is written half. */
    private static final List<String> PRETRAINING = List.of(
            ".lock",
            ".in-setup",
            "norma.log",
            "~config.yaml:.writing-1",
            "config.yaml",
            "~tokenizer.json:.writing-2",
            "tokenizer.json",
            "~provenance.json:.provenance.json",
            "provenance.json",
            "~layernorm.zarr/.zgroup:layernorm.zarr.tmp/.zgroup.tmp",
            "~layernorm.zarr/weight/.zarray:layernorm.zarr.tmp/weight/.zarray.tmp",
            "layernorm.zarr",
            "tensorboard",
            "~metrics.jsonl",
            "metrics.jsonl",
            "~checkpoints/step-00000000/model.safetensors:checkpoints/.writing-step-00000000/model.safetensors");

    private static final List<String> FINETUNING = List.of(
            ".lock",
            ".in-setup",
            "norma.log",
            "~finetune.yaml:.writing-1",
            "finetune.yaml",
            "~provenance.json:.provenance.json",
            "provenance.json",
            "~seed-1/layernorm.zarr/weight/.zarray:seed-1/layernorm.zarr.tmp/weight/.zarray.tmp",
            "seed-1/layernorm.zarr",
            "~seed-1/metrics.jsonl",
            "seed-1/metrics.jsonl");

    private Path whole;

    @BeforeEach
    void trainToTheEnd() throws IOException {
        whole = CommandLineRun.tinyRun(folder);
    }

    /** Copies what the first writes leave of a run. */
    private static void leave(Path whole, List<String> writes, Path stopped) throws IOException {
        Files.createDirectories(stopped);
        for (String write : writes) {
            boolean half = write.startsWith("~");
            if (half && !write.equals(writes.get(writes.size() - 1))) {
                continue; // has got its name since
            }
            String[] names = (half ? write.substring(1) : write).split(":", -1);
            Path source = whole.resolve(names[0]);
            if (!Files.exists(source)) {
                Files.createFile(stopped.resolve(names[0])); // the mark of a setup
                continue;
            }
            Path target = stopped.resolve(names[names.length - 1]);
            DurableFiles.delete(target);
            Files.createDirectories(target.getParent());
            if (half) {
                byte[] bytes = Files.readAllBytes(source);
                Files.write(target, Arrays.copyOf(bytes, bytes.length / 2));
            } else {
                CommandLineRun.copy(source, target);
            }
        }
    }

    private static void assertDone(CommandLineRun run) {
        assertThat(run.code()).as(run.err()).isZero();
    }

    @Test
    void pretraining_stoppedAtEachWriteOfItsBeginning_isBegunAgainOrResumed() throws IOException {
        for (int writes = 0; writes <= PRETRAINING.size(); writes++) {
            Path stopped = runs.resolve("stopped-" + writes);
            leave(whole, PRETRAINING.subList(0, writes), stopped);
            CommandLineRun again =
                    CommandLineRun.of("pretrain", config, "--runs", runs, "--run", stopped.getFileName());
            if (writes <= PRETRAINING.indexOf("provenance.json")) {
                assertDone(again);
            } else {
                again.assertRefused(stopped + ": a run of this name is there already; norma resume " + stopped
                        + " resumes it, --run NAME gives the new one another name, and --force replaces it");
                assertDone(CommandLineRun.of("resume", stopped));
            }
            for (String file : List.of("model.safetensors", "optimizer.safetensors", "state.json")) {
                assertThat(stopped.resolve("checkpoints/step-00000006").resolve(file))
                        .as("after %d writes", writes)
                        .hasSameBinaryContentAs(
                                whole.resolve("checkpoints/step-00000006").resolve(file));
            }
            for (String file : List.of("weight/0.0.0", "bias/0.0.0", "weight/.zarray", "bias/.zarray")) {
                assertThat(stopped.resolve("layernorm.zarr").resolve(file))
                        .hasSameBinaryContentAs(whole.resolve("layernorm.zarr").resolve(file));
            }
            assertThat(Files.readAllLines(stopped.resolve("metrics.jsonl"))).hasSize(7);
            assertThat(stopped).isDirectoryNotContaining("glob:**/.writing-*");
        }
    }

    @Test
    void finetuning_stoppedAtEachWriteOfItsBeginning_isBegunAgainOrResumed() throws IOException {
        ShipsTask ships = ShipsTask.in(folder);
        Path checkpoint = whole.resolve("checkpoints/step-00000006");
        List<Object> options = List.of("--epochs", 1, "--seeds", 1, "--run");
        Object[] words = ships.finetune(checkpoint, runs, options.toArray()).toArray();
        assertDone(CommandLineRun.of(with(words, "tuned")));
        Path tuned = runs.resolve("tuned");
        for (int writes = 0; writes <= FINETUNING.size(); writes++) {
            String name = "tuned-" + writes;
            Path stopped = runs.resolve(name);
            leave(tuned, FINETUNING.subList(0, writes), stopped);
            CommandLineRun again = CommandLineRun.of(with(words, name));
            if (writes <= FINETUNING.indexOf("provenance.json")) {
                assertDone(again);
            } else {
                again.assertRefused(stopped + ": a run of this name is there already; norma resume " + stopped
                        + " resumes it, --run NAME gives the new one another name, and --force replaces it");
                assertDone(CommandLineRun.of("resume", stopped));
            }
            for (String file : List.of(
                    "results.json",
                    "seed-1/result.json",
                    "seed-1/predictions.tsv",
                    "seed-1/metrics.jsonl",
                    "seed-1/checkpoint/model.safetensors",
                    "seed-1/layernorm.zarr/weight/0.0.0")) {
                assertThat(stopped.resolve(file))
                        .as("after %d writes", writes)
                        .hasSameBinaryContentAs(tuned.resolve(file));
            }
        }
    }

    /** Each refusal recommended the other once. */
    @Test
    void resumeOfAHalfBegunRun_saysThatTheCommandBeginsItAgain() throws IOException {
        for (List<String> writes : List.of(PRETRAINING.subList(0, 7), FINETUNING.subList(0, 2))) {
            Path stopped = runs.resolve("stopped-" + writes.size());
            leave(whole, writes, stopped);
            CommandLineRun.of("resume", stopped)
                    .assertRefused(stopped + ": was stopped while it was set up, expected a run that has begun: the"
                            + " command that began it begins it again");
        }
    }

    private static Object[] with(Object[] words, Object last) {
        Object[] all = Arrays.copyOf(words, words.length + 1);
        all[words.length] = last;
        return all;
    }
}
