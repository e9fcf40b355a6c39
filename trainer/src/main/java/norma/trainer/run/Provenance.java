package norma.trainer.run;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import norma.datasets.base.Hashes;
import norma.datasets.base.NormaVersion;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.config.ConfigDifference;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.device.CudaDriver;
import norma.trainer.device.Devices;
import norma.trainer.device.Libtorch;

/** provenance.json: what a run was made with and from. */
public final class Provenance {
    private static final List<String> COMPARED = List.of(
            "/code_commit",
            "/versions/java",
            "/versions/os",
            "/versions/djl",
            "/versions/pytorch",
            "/versions/libtorch",
            "/gpu/card",
            "/gpu/driver",
            "/gpu/cuda",
            "/threads");

    private final Path file;
    private final ObjectNode json;

    private Provenance(Path file, ObjectNode json) {
        this.file = file;
        this.json = json;
    }

    /**
     * The run whose checkpoint another one begins with.
     *
     * @param run its folder
     * @param step of the checkpoint
     * @param changes of its configuration
     */
    public record Parent(String run, long step, List<ConfigDifference> changes) {
        private ObjectNode json() {
            ObjectNode json =
                    JsonNodeFactory.instance.objectNode().put("run", run).put("step", step);
            ObjectNode differences = json.putObject("changes");
            changes.forEach(change -> differences
                    .putObject(change.key())
                    .put("before", change.before())
                    .put("after", change.after()));
            return json;
        }
    }

    /**
     * Of a pre-training that starts now.
     *
     * @param parent whose checkpoint it begins with
     * @param sweep that it belongs to
     */
    public static Provenance start(
            Path file, RunConfig config, PretrainingData data, Optional<Parent> parent, Optional<SweepMembership> sweep)
            throws IOException {
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        input.put("corpus_sha256", data.corpusSha256());
        input.put("tokenizer_sha256", data.tokenizer().sha256());
        input.put("documents", data.documents());
        data.sentences().ifPresent(sentences -> input.put("sentences", sentences));
        input.put("training_tokens", data.trainingTokens());
        input.put("validation_tokens", data.validationTokens());
        return start(file, config.device(), RunConfigYaml.write(config), config.seed(), input, parent, sweep);
    }

    /**
     * Of a run that starts now.
     *
     * @param config the text of its configuration file
     * @param data what it is made from
     */
    public static Provenance start(Path file, String device, String config, long seed, ObjectNode data)
            throws IOException {
        return start(file, device, config, seed, data, Optional.empty(), Optional.empty());
    }

    private static Provenance start(
            Path file,
            String device,
            String config,
            long seed,
            ObjectNode data,
            Optional<Parent> parent,
            Optional<SweepMembership> sweep)
            throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.setAll(surroundings(device));
        json.put("device", device);
        json.put("config_sha256", Hashes.sha256(config));
        json.put("seed", seed);
        parent.ifPresent(from -> json.set("parent", from.json()));
        sweep.ifPresent(of -> json.set("sweep", of.json()));
        json.set("data", data);
        json.put("started", Instant.now().toString());
        json.putArray("resumed");
        json.putNull("ended");
        Provenance provenance = new Provenance(file, json);
        provenance.write();
        return provenance;
    }

    /** What results may depend on besides the configuration and the data. */
    private static ObjectNode surroundings(String device) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("code_commit", commit());
        ObjectNode versions = json.putObject("versions");
        versions.put("norma", NormaVersion.text());
        versions.put("java", System.getProperty("java.version"));
        versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        versions.put("djl", Engine.getDjlVersion());
        versions.put("pytorch", Devices.engine().getVersion());
        versions.put("libtorch", Libtorch.build());
        json.put("threads", Devices.threads());
        if (device.startsWith("gpu")) {
            json.set("gpu", gpu(device, CudaDriver.ask(), CudaDriver.version()));
        }
        return json;
    }

    /**
     * The cards, which are of one kind, and their driver.
     *
     * @param version the driver's own, where it is known
     */
    static ObjectNode gpu(String device, CudaDriver driver, Optional<String> version) {
        ObjectNode gpu = JsonNodeFactory.instance.objectNode();
        List<CudaDriver.Card> cards = Devices.cards(device, driver);
        gpu.put("card", cards.isEmpty() ? null : cards.get(0).toString());
        gpu.put("cards", cards.size());
        gpu.put("driver", version.orElse(null));
        gpu.put("cuda", driver.cuda());
        return gpu;
    }

    /**
     * What of commit, versions, cards and threads is not as it was when the run began, such as {@code threads: 4, now
     * 2}.
     */
    public List<String> changes() {
        return changes(surroundings(json.path("device").asText()));
    }

    List<String> changes(ObjectNode now) {
        List<String> changes = new ArrayList<>();
        for (String pointer : COMPARED) {
            if (!json.at(pointer).isMissingNode()
                    && !json.at(pointer).asText().equals(now.at(pointer).asText())) {
                changes.add(pointer.substring(1).replace('/', '.') + ": "
                        + json.at(pointer).asText() + ", now " + now.at(pointer).asText());
            }
        }
        return changes;
    }

    /**
     * Why the run, resumed now, may not end with the digits of one that was never stopped, in a sentence; empty if
     * nothing speaks against it.
     */
    public Optional<String> doubt() {
        return doubt(changes());
    }

    Optional<String> doubt(List<String> changes) {
        if (!changes.isEmpty()) {
            return Optional.of("not as when the run began, so the last digits may differ from a run never stopped: "
                    + String.join("; ", changes));
        }
        return json.path("device").asText().startsWith("gpu")
                ? Optional.of("on a GPU the last digits may differ from a run never stopped: the gradients of attention"
                        + " are added up in no fixed order")
                : Optional.empty();
    }

    /** SHA-256 of config.yaml as it was written last; empty if that was not noted. */
    public String configSha256() {
        return json.path("config_sha256").asText();
    }

    /**
     * Whether config.yaml is as it was written when the run began or was lengthened, or as it was before it was
     * lengthened last, which may have been interrupted; true where its SHA-256 was not noted.
     */
    public boolean knowsConfig(String sha256) {
        String noted = configSha256();
        JsonNode lengthened = json.path("lengthened");
        return noted.isEmpty()
                || noted.equals(sha256)
                || lengthened
                        .path(lengthened.size() - 1)
                        .path("config_sha256_before")
                        .asText()
                        .equals(sha256);
    }

    /** When the run began; empty if that cannot be read. */
    public Optional<Instant> started() {
        try {
            return Optional.of(Instant.parse(json.path("started").asText()));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /**
     * Notes that the run is to have more steps.
     *
     * @param from the step that it goes on from
     * @param config the new text of config.yaml, which is written after this
     */
    public void lengthened(long from, long before, long steps, String config) throws IOException {
        json.withArray("lengthened")
                .addObject()
                .put("at", Instant.now().toString())
                .put("from_step", from)
                .put("steps_before", before)
                .put("steps", steps)
                .put("config_sha256_before", configSha256());
        json.put("config_sha256", Hashes.sha256(config));
        write();
    }

    /**
     * Of a run that goes on.
     *
     * @throws norma.datasets.base.InvalidInputException if it is not what {@link #start} writes, with file and key
     */
    public static Provenance read(Path file) {
        JsonObject json = JsonFile.read(file);
        json.objects("resumed");
        json.object("data");
        json.textIfAny("config_sha256");
        json.textIfAny("ended");
        return new Provenance(file, json.node());
    }

    /** What the run was made from, as it was when it began. */
    public JsonNode data() {
        return json.path("data");
    }

    /** Step of the parent's checkpoint that the run began with; empty for one that began from scratch. */
    public OptionalLong parentStep() {
        JsonNode step = json.at("/parent/step");
        return step.isMissingNode() ? OptionalLong.empty() : OptionalLong.of(step.asLong());
    }

    public String corpusSha256() {
        return json.at("/data/corpus_sha256").asText();
    }

    /** Notes that the run goes on now, from a step. */
    public void resumed(long step) throws IOException {
        json.withArray("resumed")
                .addObject()
                .put("at", Instant.now().toString())
                .put("from_step", step)
                .put("code_commit", commit());
        json.putNull("ended");
        write();
    }

    /** Whether it is noted that the run has ended. */
    public boolean hasEnded() {
        return json.hasNonNull("ended");
    }

    /** Notes that the run has ended now. */
    public void ended() throws IOException {
        json.put("ended", Instant.now().toString());
        write();
    }

    private void write() throws IOException {
        JsonFile.write(file, json);
    }

    /** The commit of the checkout that the launcher runs from, with "-dirty" where files differ; null outside one. */
    private static String commit() {
        String home = System.getProperty("norma.home");
        if (home == null) {
            return null;
        }
        try {
            Process git = new ProcessBuilder(
                            "git", "-C", home, "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            boolean ended = git.waitFor(10, TimeUnit.SECONDS);
            return ended && git.exitValue() == 0 && !answer.isEmpty() ? answer : null;
        } catch (IOException e) {
            return null; // no git on this machine
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
