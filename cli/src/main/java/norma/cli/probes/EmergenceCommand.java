package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import norma.cli.options.StackOptions;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.probes.damage.DamageCurve;
import norma.probes.damage.DamageOverRuns;
import norma.probes.damage.Onset;
import norma.probes.dimensions.StackChoice;
import norma.probes.emergence.Emergence;
import norma.probes.emergence.EmergenceFigure;
import norma.probes.emergence.EmergenceJson;
import norma.probes.emergence.EmergenceReader;
import norma.probes.emergence.LossesAtSteps;
import norma.probes.emergence.RunsTogether;
import norma.probes.files.ProbeFiles;
import norma.trainer.figure.Figure;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.model.PretrainingModel;
import norma.trainer.run.RunFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** When outlier dimensions emerge. */
@Command(
        name = "emergence",
        description = {
            "Finds the steps at which a run's outlier dimensions emerge.",
            "A dimension has emerged at the first step from which it is an outlier to the end of the recording; a brief crossing does not count. Also reported are the order of the layers, and whether weight or bias departs first. Where norma ablate --checkpoints has measured the run, so is the step at which the cost sets in, and how long that is after the emergence.",
            "Several runs are also compared: mean and spread of both, and the damage against the step with a band over the runs. That is written to the first run's probes/ unless --out names a folder."
        },
        footer = {
            "  norma emergence runs/quickstart",
            "  norma emergence runs/quickstart --sigma 2 --out figures",
            "  norma emergence runs/seed-1 runs/seed-2 runs/seed-3"
        })
public final class EmergenceCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "RUN",
            arity = "1..*",
            description = "Folder of a run, or its layernorm.zarr; several are compared.")
    private List<Path> paths;

    @Mixin
    private OutlierRuleOptions ruleOptions;

    @Mixin
    private StackOptions stack;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "Network of a run that trains several, such as ELECTRA's generator; default: the one that its"
                    + " checkpoints open as. Files of another have its name.")
    private String network = PretrainingModel.MAIN;

    @Mixin
    private ResultOptions results;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        OutlierRule rule = ruleOptions.rule();
        results.check(); // before the reading
        StackChoice layers = stack.choice();
        requireDifferent();
        List<Emergence> emergences = new ArrayList<>();
        List<ObjectNode> found = new ArrayList<>();
        List<DamageCurve> curves = new ArrayList<>();
        List<Onset> onsets = new ArrayList<>();
        try (ProgressDisplay progress = output.progress()) {
            for (Path path : paths) {
                Path run = isStore(path) ? path.toAbsolutePath().normalize().getParent() : path;
                LossesAtSteps losses = LossesAtSteps.read(run);
                LayerNormRecording recording = LayerNormRecording.open(store(path), network);
                Emergence emergence = EmergenceReader.read(recording, rule, layers, progress);
                progress.finish();
                requireSameWidth(path, emergence, emergences);
                emergences.add(emergence);
                ObjectNode result = EmergenceJson.of(path.toString(), emergence, losses);
                result.put("command", output.commandLine());
                found.add(result);
                output.print(EmergenceText.of(path.toString(), emergence, losses));
                Optional<DamageCurve> damage = ofMain() ? DamageCurve.read(run) : Optional.empty();
                damage.ifPresent(curve -> {
                    Onset onset = Onset.of(curve, emergence);
                    curves.add(curve);
                    onsets.add(onset);
                    result.set(Onset.KEY, onset.json());
                    output.print("\n" + onset.text());
                });
                Path folder = folder(path);
                if (folder != null) {
                    String plain = paths.size() == 1 || !results.named() ? file() : file() + "-" + found.size();
                    String name = results.claim(folder, plain, result, output);
                    ResultOptions.write(folder, name, result);
                    EmergenceFigure.of(name(run), recording, emergence, losses).write(folder, name, results.width());
                    lanes(folder, ProbeFiles.lanesOf(name), EmergenceFigure.lanes(name(run), emergence));
                    output.say("Written to " + folder);
                }
            }
        }
        if (found.size() == 1) {
            output.result(found.get(0));
            return ExitCode.DONE;
        }
        ObjectNode all = output.startResult();
        ArrayNode each = all.putArray("runs");
        found.forEach(each::add);
        ObjectNode together =
                new RunsTogether(paths.stream().map(Path::toString).toList(), emergences).json();
        all.set("together", together);
        output.print(EmergenceText.of(together));
        if (ofMain()) {
            damage(curves, onsets, all);
        }
        output.result(all);
        return ExitCode.DONE;
    }

    /** A run's name, as its figures are titled. */
    private static String name(Path run) {
        return run.toAbsolutePath().normalize().getFileName().toString();
    }

    /** What the files are called. */
    private String file() {
        return ofMain() ? ProbeFiles.EMERGENCE : ProbeFiles.emergenceOf(network);
    }

    /** Whether the recording is of the network that was ablated, if any was. */
    private boolean ofMain() {
        return network.equals(PretrainingModel.MAIN);
    }

    /** What the runs lose, where all of them were ablated alike: told, drawn and written. */
    private void damage(List<DamageCurve> curves, List<Onset> onsets, ObjectNode all) throws IOException {
        if (curves.size() < paths.size()) {
            int missing = paths.size() - curves.size();
            output.print("\nNo damage over the runs: " + missing + " of them " + (missing == 1 ? "has" : "have")
                    + " not been ablated along the checkpoints (norma ablate RUN --checkpoints all)");
            return;
        }
        DamageOverRuns damage =
                new DamageOverRuns(paths.stream().map(Path::toString).toList(), curves, onsets);
        if (damage.incomparable().isPresent()) {
            output.warn("no damage over the runs: " + damage.incomparable().get());
            return;
        }
        all.set("damage", damage.json());
        output.print("\n" + damage.text());
        Path folder = folder(paths.get(0));
        if (folder != null) {
            ProbeFiles files = new ProbeFiles(folder);
            String name = results.claim(folder, ProbeFiles.DAMAGE_OVER_RUNS, all, output);
            ResultOptions.write(folder, name, all);
            DurableFiles.write(files.csv(name), damage.csv().getBytes(StandardCharsets.UTF_8));
            damage.figure().write(folder, name, results.width());
            output.say("Written to " + files.png(name));
        }
    }

    /** One recording given twice, even as run and as layernorm.zarr, would agree with itself and prove nothing. */
    private void requireDifferent() throws IOException {
        Set<Path> seen = new HashSet<>();
        for (Path path : paths) {
            if (!seen.add(store(path).toRealPath())) {
                throw InvalidInputException.of("command line", "RUN", path + " twice", "each run once");
            }
        }
    }

    private static void requireSameWidth(Path path, Emergence emergence, List<Emergence> others) {
        for (Emergence other : others) {
            if (other.hidden() != emergence.hidden()) {
                throw InvalidInputException.of(
                        path.toString(), "hidden size", emergence.hidden(), other.hidden() + ", as in the other runs");
            }
        }
    }

    /** Where what a run shows is written; null for nowhere. */
    private Path folder(Path path) {
        return results.folder(isStore(path) ? Optional.empty() : Optional.of(new RunFiles(path).probes()));
    }

    private static boolean isStore(Path path) {
        return path.getFileName() != null && path.getFileName().toString().endsWith(".zarr");
    }

    private static Path store(Path path) {
        if (!Files.isDirectory(path)) {
            throw new InvalidInputException(path + ": no such folder, expected a run or a layernorm.zarr");
        }
        Path store = isStore(path) ? path : new RunFiles(path).layerNorms();
        if (!Files.isDirectory(store)) {
            throw new InvalidInputException(path + ": has no layernorm.zarr, expected a run's recording");
        }
        return store;
    }

    /** Where there is nothing to draw, a chart of an earlier time must not stay. */
    private void lanes(Path folder, String name, Optional<Figure> figure) throws IOException {
        if (figure.isPresent()) {
            figure.get().write(folder, name, results.width());
        } else {
            Figure.delete(folder, name);
        }
    }
}
