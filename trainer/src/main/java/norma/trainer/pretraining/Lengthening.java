package norma.trainer.pretraining;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.trainer.config.ConfigDifference;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.config.ScheduleConfig;
import norma.trainer.run.Provenance;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunListener;

/**
 * More steps for a run. Data order, masks and dropout are functions of the step, and a constant schedule has the same
 * rates whatever the number of steps; so the run then equals, bit for bit, one that had this many from the start. The
 * other schedules end at the last step: a longer run would have had other rates all the way.
 *
 * @param before the run's configuration as it was
 * @param config the same with more steps, or the same
 */
record Lengthening(RunConfig before, RunConfig config) {
    private static final String STEPS = "training.steps";

    /**
     * Of a run, by settings.
     *
     * @param file the run's config.yaml
     * @throws InvalidInputException if they change anything else, or the steps cannot be changed so
     */
    static Lengthening of(Path file, List<String> settings) {
        RunConfig before = RunConfigYaml.read(file, List.of());
        RunConfig config = RunConfigYaml.read(file, settings);
        for (ConfigDifference change : ConfigDifference.between(before, config)) {
            if (!change.key().equals(STEPS)) {
                throw refused(change, "a run goes on with its own settings; a fork of it can have others");
            }
            if (before.schedule().type() != ScheduleConfig.Type.CONSTANT) {
                throw refused(
                        change,
                        "schedule.type ends at the last step, so a longer run would have had other rates from the"
                                + " start; a fork says what differs");
            }
            if (config.training().steps() < before.training().steps()) {
                throw refused(change, "a run can be made longer only");
            }
        }
        return new Lengthening(before, config);
    }

    private static InvalidInputException refused(ConfigDifference change, String why) {
        return InvalidInputException.setting(change.key(), change.after(), change.before() + ": " + why);
    }

    /**
     * Whether a checkpoint of the run is one of the longer run too, with the same logged before it: its last one need
     * not be.
     */
    boolean isShared(long step) {
        DueSteps due = new DueSteps(config);
        return config.training().steps().equals(before.training().steps())
                || step != before.training().steps()
                || (due.checkpoint(step) && due.evaluation(step));
    }

    /** Writes the configuration, if it is another now, and notes that. */
    void write(RunFiles files, Provenance provenance, long from, RunListener listener) throws IOException {
        if (config.equals(before)) {
            return;
        }
        listener.message(files.path() + " has " + config.training().steps() + " steps now, not "
                + before.training().steps());
        String yaml = RunConfigYaml.write(config);
        provenance.lengthened(from, before.training().steps(), config.training().steps(), yaml);
        DurableFiles.write(files.config(), yaml);
    }
}
