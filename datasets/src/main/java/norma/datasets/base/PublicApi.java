package norma.datasets.base;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Promised to programs that use Norma as a library. What carries this changes incompatibly only with a new minor
 * version, after 1.0 with a new major one, and the changelog says so. All other public types and members are public for
 * Norma's own modules and may change at any time.
 *
 * <p>On a type it covers all public members and nested types, or, where the type is {@link #opaque}, its name alone. On
 * a member it covers that member and the name of its type.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.CONSTRUCTOR, ElementType.FIELD})
public @interface PublicApi {
    /** Whether a type may be named and passed on, while its members are not promised; of an enum its constants are. */
    boolean opaque() default false;
}
