package norma.sweep.report;

import java.io.IOException;
import norma.datasets.files.DurableFiles;
import norma.datasets.json.JsonFile;
import norma.sweep.folder.SweepFiles;

/** Makes all that a sweep leaves besides its runs, from the runs' folders as they are now. */
public final class SweepReport {
    private SweepReport() {}

    /** Reads the runs and writes {@code sweep.json}, {@code sweep.csv} and the two figures. */
    public static SweepResult write(SweepFiles files) throws IOException {
        SweepResult result = SweepResult.read(files);
        JsonFile.write(files.result(), SweepJson.of(result));
        DurableFiles.write(files.csv(), SweepCsv.of(result));
        new SweepFigures(result).write(files.path());
        return result;
    }
}
