package norma.trainer.model;

/**
 * The values of a parameter that belong to a position of the hidden vector: of a vector the element there, of a matrix
 * the column or row, of any array all elements with that index on one axis.
 *
 * @param parameter Hugging Face name; of a network beside the main one after that one's name and a slash
 * @param axis the axis that counts the positions of the hidden vector
 */
public record Slice(String parameter, int axis) {
    private static final char FOLDER = '/'; // in no name of Hugging Face's

    public Slice {
        if (axis < 0) {
            throw new IllegalArgumentException(parameter + ": axis " + axis);
        }
    }

    /** The same parameter in a network that a checkpoint keeps beside the main one, in a folder of its name. */
    Slice in(String network) {
        return new Slice(in(network, parameter), axis);
    }

    /** The name of a parameter of such a network, the parameter's own behind the network's. */
    public static String in(String network, String parameter) {
        return network + FOLDER + parameter;
    }

    /** The network that {@link #in} named; {@link PretrainingModel#MAIN} if it did not. */
    String network() {
        return network(parameter);
    }

    /** The network in the name of a parameter; {@link PretrainingModel#MAIN} if there is none. */
    public static String network(String parameter) {
        return parameter.substring(0, Math.max(0, parameter.indexOf(FOLDER)));
    }

    /** The name of a parameter within its network. */
    public static String withoutNetwork(String parameter) {
        return parameter.substring(parameter.indexOf(FOLDER) + 1);
    }

    /** Of a vector. */
    public static Slice ofVector(String parameter) {
        return new Slice(parameter, 0);
    }
}
