package norma.trainer.bench;

/**
 * y = c·x^b, fitted by ordinary least squares of ln y on ln x.
 *
 * @param exponent b
 * @param coefficient c
 * @param rSquared coefficient of determination of ln y; 1 if all y are the same, whatever x is
 * @param largestResidual the largest factor, less one, between a y and the fitted one
 */
public record PowerLaw(double exponent, double coefficient, double rSquared, double largestResidual) {
    /**
     * Fits.
     *
     * @param x positive, at least two different values
     * @param y as many, positive
     * @throws IllegalArgumentException if they are not
     */
    public static PowerLaw fit(double[] x, double[] y) {
        double[] u = logarithms(x);
        double[] v = logarithms(y);
        if (u.length != v.length || u.length < 2) {
            throw new IllegalArgumentException(u.length + " and " + v.length + " values, expected at least two pairs");
        }
        double meanU = mean(u);
        double meanV = mean(v);
        double uu = 0;
        double uv = 0;
        double vv = 0;
        for (int i = 0; i < u.length; i++) {
            uu += (u[i] - meanU) * (u[i] - meanU);
            uv += (u[i] - meanU) * (v[i] - meanV);
            vv += (v[i] - meanV) * (v[i] - meanV);
        }
        if (uu == 0) {
            throw new IllegalArgumentException("all x are " + x[0] + ", expected different ones");
        }
        double slope = uv / uu;
        double intercept = meanV - slope * meanU;
        double squares = 0;
        double largest = 0;
        for (int i = 0; i < u.length; i++) {
            double residual = v[i] - intercept - slope * u[i];
            squares += residual * residual;
            largest = Math.max(largest, Math.abs(residual));
        }
        return new PowerLaw(slope, Math.exp(intercept), vv == 0 ? 1 : 1 - squares / vv, Math.expm1(largest));
    }

    private static double[] logarithms(double[] values) {
        double[] logarithms = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] > 0) || values[i] == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("found " + values[i] + ", expected a positive number");
            }
            logarithms[i] = Math.log(values[i]);
        }
        return logarithms;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
