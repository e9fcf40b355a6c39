package norma.probes.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.trainer.figure.FigureWidth;
import norma.trainer.finetuning.Finetuning;
import norma.trainer.run.RunFiles;

/**
 * The page that was written about a run.
 *
 * @param file the page
 * @param figures names of its figures; each lies in the run's {@code probes} as PNG and SVG
 * @param missing names of the probes that have not been run yet
 */
public record Report(Path file, List<String> figures, List<String> missing) {
    private static final String STYLE = """
            :root{color-scheme:light dark}
            body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem;\
            background:#fff;color:#1a1a1a;overflow-wrap:anywhere}
            h1,h2{line-height:1.2} h2{margin-top:2.5rem;border-bottom:1px solid #bbb}
            figure{margin:1.5rem 0} img{max-width:100%;width:56rem;height:auto;display:block;background:#fff}
            .wide{overflow-x:auto} .wide+.wide{margin-top:1.5rem} table{border-collapse:collapse;overflow-wrap:normal}
            caption{text-align:left;font-weight:600;padding:.3rem 0}
            th,td{border:1px solid #bbb;padding:.25rem .6rem;text-align:left;vertical-align:top}
            td{font-variant-numeric:tabular-nums}
            pre{background:#f2f2f2;padding:.7rem;white-space:pre-wrap} code{font-size:.92em}
            nav ol{columns:14rem;padding-left:1.4rem} a{color:#0059a8}
            summary{cursor:pointer;font-weight:600;padding:.4rem 0}
            .source{font-size:.85rem;margin:.3rem 0} .missing{border-left:4px solid #c24a00;padding-left:.7rem}
            @media screen and (max-width:45rem){figure .wide img{max-width:none;width:45rem}}
            @media (prefers-color-scheme:dark){
            body{background:#16181c;color:#e4e4e4} pre{background:#24272d} th,td,h2{border-color:#555} a{color:#7db8f0}
            img{padding:.3rem;border-radius:.3rem;box-sizing:border-box}}
            @media print{
            :root{color-scheme:light}
            body{background:#fff;color:#000;max-width:none;font-size:11pt;padding:0}
            pre{background:#fff;border:1px solid #bbb} figure,tr{break-inside:avoid} h2,h2+p{break-after:avoid}
            img{max-height:23cm;width:auto;padding:0} nav{display:none} details{display:block} .wide{overflow:visible} table{font-size:9pt}}
            """;

    public Report {
        figures = List.copyOf(figures);
        missing = List.copyOf(missing);
    }

    /**
     * Reads a run and writes its page, and its figures into the run's {@code probes}.
     *
     * @param folder of the run, with config.yaml and layernorm.zarr, or of a fine-tuning that has ended
     * @param file the page; a file of that name is replaced
     * @param width of the figures on paper
     * @param command the command line, for the figures that the report draws itself
     * @param probes the command line that makes each of {@code outliers}, {@code emergence} and {@code ablation}, for
     *     those that have not been run yet
     * @param warning told of each damaged checkpoint that is skipped
     * @throws InvalidInputException if the folder is no run, has no recording, or a file that the page is made from is
     *     damaged
     */
    public static Report write(
            Path folder,
            Path file,
            FigureWidth width,
            String command,
            UnaryOperator<String> probes,
            Consumer<String> warning)
            throws IOException {
        if (Finetuning.isFolder(folder)) {
            return ofFinetuning(folder, file, width, command);
        }
        ReportedRun run = new ReportedRun(folder);
        Files.createDirectories(run.files().probes());
        ReportFigures figures = new ReportFigures(run.files().probes(), width);
        ProbeSections sections = new ProbeSections(run, figures, probes);
        Html body = new Html();
        TrainingSections training = new TrainingSections(run, figures, command, warning);
        new Findings(run).write(body, sections);
        training.training(body);
        sections.write(body);
        training.sites(body);
        sections.definitions(body);
        body.heading("How the run was made");
        body.folded("Settings: config.yaml, with every default written out", new Html().preformatted(run.config()));
        body.folded(
                "Provenance: the code, versions and data that the run was made with",
                new Html()
                        .preformatted(run.provenance()
                                .map(json -> json.node().toPrettyString())
                                .orElse("no provenance.json")));
        Html pace = new Html();
        training.pace(pace);
        body.folded("Time and memory of the steps", pace);
        String page = page("Report of " + run.name(), body);
        DurableFiles.write(file, page.getBytes(StandardCharsets.UTF_8));
        return new Report(file, figures.names(), sections.missing());
    }

    private static Report ofFinetuning(Path folder, Path file, FigureWidth width, String command) throws IOException {
        RunFiles files = new RunFiles(folder);
        ReportFigures figures = new ReportFigures(files.probes(), width);
        FinetuningReport report = new FinetuningReport(folder, figures, command);
        Files.createDirectories(files.probes());
        Html body = new Html();
        report.write(body);
        String page = page("Report of " + folder.toAbsolutePath().normalize().getFileName(), body);
        DurableFiles.write(file, page.getBytes(StandardCharsets.UTF_8));
        return new Report(file, figures.names(), List.of());
    }

    private static String page(String title, Html body) {
        String name = Html.escape(title);
        return """
                <!DOCTYPE html>
                <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <main>
                <h1>%s</h1>
                %s%s</main>
                </body>
                </html>
                """.formatted(name, STYLE, name, body.contents(), body);
    }
}
