package norma.datasets.base;

/** The version of this build, as its jars have it in {@code Implementation-Version}. */
@PublicApi
public final class NormaVersion {
    private NormaVersion() {}

    /** The version of the parent pom, or {@code unpackaged} where the classes lie in no jar. */
    public static String text() {
        String version = NormaVersion.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
