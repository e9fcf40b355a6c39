package norma.monitor.runs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.trainer.run.SweepMembership;

/**
 * What a sweep has found, as {@code norma sweep} wrote it into the sweep's folder, which lies beside its runs. Nothing
 * is computed here: what has changed since is added when its report is made again.
 */
public final class SweepDetail {
    private SweepDetail() {}

    /**
     * {@code result}, null if none is written yet; {@code written}, when it was; and {@code problem}, null unless it
     * cannot be read.
     *
     * @param id the path of the sweep's folder below that of the runs
     * @throws UnknownRunException if there is no such folder
     */
    public static ObjectNode json(RunsFolder folder, String id) {
        Path file = folder.folder(id).resolve(SweepMembership.RESULT);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id).putNull("result").putNull("written").putNull("problem");
        if (!Files.exists(file)) {
            return json;
        }
        try {
            ObjectNode result = new SmallFile(folder).json(file);
            if (!result.path("points").isArray() || !result.path("runs").isArray()) {
                throw new InvalidInputException(id + "/" + SweepMembership.RESULT
                        + ": has no points and runs, expected what norma sweep writes");
            }
            json.set("result", result);
            json.put("written", Files.getLastModifiedTime(file).toInstant().toString());
        } catch (InvalidInputException e) {
            json.put("problem", e.getMessage());
        } catch (IOException e) {
            json.put("problem", FileProblem.sentence(e));
        }
        return json;
    }
}
