package norma.cli.probes;

import norma.datasets.base.InvalidInputException;
import norma.trainer.figure.FigureWidth;
import picocli.CommandLine.Option;

/** How figures are printed. */
final class FigureOptions {
    private static final String EXPECTED = "one-column, two-columns, or millimetres from " + (int) FigureWidth.NARROWEST
            + " to " + (int) FigureWidth.WIDEST;

    @Option(
            names = "--width",
            paramLabel = "WIDTH",
            description = "Width of the figures on paper: one-column (85 mm), two-columns (174 mm, the default) or a"
                    + " number of millimetres from 80 to 400. Text is 7 points or larger at any width. Each figure is"
                    + " written as PDF, SVG and PNG.")
    private String width = "two-columns";

    FigureWidth width() {
        return switch (width) {
            case "one-column" -> FigureWidth.ONE_COLUMN;
            case "two-columns" -> FigureWidth.TWO_COLUMNS;
            default -> inMillimetres();
        };
    }

    private FigureWidth inMillimetres() {
        try {
            return new FigureWidth(Double.parseDouble(width));
        } catch (IllegalArgumentException e) { // also of what is no number
            throw InvalidInputException.of("command line", "--width", width, EXPECTED);
        }
    }
}
