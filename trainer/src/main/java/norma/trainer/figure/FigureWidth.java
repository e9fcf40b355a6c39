package norma.trainer.figure;

/**
 * How wide a figure is printed. Its text has the same size in points at every width: a narrower figure has shorter
 * lines, fewer panels in a row and fewer ticks, not smaller letters.
 *
 * @param millimetres from 80 to 400
 */
public record FigureWidth(double millimetres) {
    /** One column of a page that has two. */
    public static final FigureWidth ONE_COLUMN = new FigureWidth(85);

    /** Both columns: the width of the text. */
    public static final FigureWidth TWO_COLUMNS = new FigureWidth(174);

    /** The narrowest figure: below this the legends do not fit. */
    public static final double NARROWEST = 80;

    /** The widest one. */
    public static final double WIDEST = 400;

    /** The smallest text, of ticks and legends, has 12 units and is printed in 7 points. */
    static final double POINTS_PER_UNIT = 7.0 / 12;

    private static final double POINTS_PER_MILLIMETRE = 72 / 25.4;

    public FigureWidth {
        if (!(millimetres >= NARROWEST && millimetres <= WIDEST)) {
            throw new IllegalArgumentException("a width of " + millimetres + " mm");
        }
    }

    /** In the units that figures are laid out in. */
    double units() {
        return Math.rint(millimetres * POINTS_PER_MILLIMETRE / POINTS_PER_UNIT);
    }

    /** A length in those units, in millimetres of paper. */
    static double millimetres(double units) {
        return units * POINTS_PER_UNIT / POINTS_PER_MILLIMETRE;
    }
}
