package norma.probes.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import norma.probes.files.ProbeFiles;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureWidth;

/** Puts figures into a page, and their files beside it. */
final class ReportFigures {
    /** Beyond this a page would grow heavy, and PNG is smaller. */
    private static final int LARGEST_SVG = 300_000;

    private final Path probes;
    private final FigureWidth width;
    private final List<String> names = new ArrayList<>();

    ReportFigures(Path probes, FigureWidth width) {
        this.probes = probes;
        this.width = width;
    }

    /** Names of the figures so far, in the page's order. */
    List<String> names() {
        return names;
    }

    /** Writes a figure's files and embeds it. */
    void add(Html page, String name, Figure figure, String words, String command, String data) throws IOException {
        figure.write(probes, name, width);
        embed(page, name, words, command, data);
    }

    /** Embeds a figure whose files {@code name.png} and {@code name.svg} are there. */
    void embed(Html page, String name, String words, String command, String data) throws IOException {
        names.add(name);
        Path svg = new ProbeFiles(probes).svg(name);
        boolean vector = Files.isRegularFile(svg) && Files.size(svg) <= LARGEST_SVG;
        byte[] bytes = vector ? scalable(svg) : Files.readAllBytes(new ProbeFiles(probes).png(name));
        // An image of its own, not markup within the page: Batik numbers its clip paths from 1 in every figure.
        String source = "data:image/" + (vector ? "svg+xml" : "png") + ";base64,"
                + Base64.getEncoder().encodeToString(bytes);
        page.raw("<figure><div class=\"wide\"><img alt=\"" + Html.escape(words) + "\" src=\"" + source + "\"/></div>");
        page.raw("<figcaption>" + Html.escape(words));
        page.source(command, data + "; figure: probes/" + name + ".pdf, .svg, .png");
        page.raw("</figcaption></figure>");
    }

    /** With a view box, so that a browser scales the drawing instead of cutting it. */
    private static byte[] scalable(Path file) throws IOException {
        String svg = new String(Files.readAllBytes(file), StandardCharsets.UTF_8); // only shown
        if (!svg.contains("viewBox")) {
            svg = svg.replaceFirst(
                    "(<svg\\b[^>]*?\\bwidth=\"(\\d+)\"[^>]*?\\bheight=\"(\\d+)\")", "$1 viewBox=\"0 0 $2 $3\"");
        }
        return svg.getBytes(StandardCharsets.UTF_8);
    }
}
