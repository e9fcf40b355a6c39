package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import norma.datasets.base.PublicApi;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the library promises: listed in docs/library.md, and closed under what its signatures mention. */
@Tag("unit")
class PublicApiTest {
    private static final Path PAGE = Path.of(System.getProperty("norma.root", ".."), "docs/library.md");
    private static final Set<String> OTHERS = Set.of("java.", "ai.djl.");

    /** Every type with a promise, by name. */
    private static List<Class<?>> promised() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("norma").stream()
                        .filter(type -> isPublic(type) && !type.isAnonymousClass())
                        .<Class<?>>map(JavaClass::reflect)
                        .filter(type -> marked(type) || !ownPromises(type).isEmpty())
                        .collect(Collectors.toMap(Class::getName, Function.identity(), (a, b) -> a, TreeMap::new))
                        .values()
                        .stream()
                        .toList();
    }

    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC);
    }

    private static boolean marked(Class<?> type) {
        return type.isAnnotationPresent(PublicApi.class)
                || (type.getDeclaringClass() != null && isWhole(type.getDeclaringClass()));
    }

    private static boolean isWhole(Class<?> type) {
        PublicApi mark = type.getAnnotation(PublicApi.class);
        return mark == null ? type.getDeclaringClass() != null && isWhole(type.getDeclaringClass()) : !mark.opaque();
    }

    private static Stream<Member> members(Class<?> type) {
        return Stream.of(type.getDeclaredFields(), type.getDeclaredConstructors(), type.getDeclaredMethods())
                .flatMap(Stream::of)
                .map(Member.class::cast)
                .filter(member -> Modifier.isPublic(member.getModifiers()) && !member.isSynthetic());
    }

    /** Public members that carry the mark themselves. */
    private static List<Member> ownPromises(Class<?> type) {
        return members(type)
                .filter(member -> ((AnnotatedElement) member).isAnnotationPresent(PublicApi.class))
                .toList();
    }

    private static List<Member> promises(Class<?> type) {
        return isWhole(type) ? members(type).toList() : ownPromises(type);
    }

    private static String line(Class<?> type) {
        String name = "- `" + type.getCanonicalName() + "`";
        if (isWhole(type)) {
            return name;
        }
        Set<String> names = new TreeSet<>();
        for (Member member : ownPromises(type)) {
            names.add(member instanceof Constructor ? "`new`" : "`" + member.getName() + "`");
        }
        return names.isEmpty() ? name + ", its name" : name + ": " + String.join(", ", names);
    }

    private static void mentioned(Type type, Set<Class<?>> found) {
        if (type instanceof Class<?> plain) {
            found.add(plain.isArray() ? plain.getComponentType() : plain);
        } else if (type instanceof ParameterizedType generic) {
            mentioned(generic.getRawType(), found);
            Stream.of(generic.getActualTypeArguments()).forEach(argument -> mentioned(argument, found));
        } else if (type instanceof GenericArrayType array) {
            mentioned(array.getGenericComponentType(), found);
        } else if (type instanceof WildcardType wildcard) {
            Stream.of(wildcard.getUpperBounds()).forEach(bound -> mentioned(bound, found));
            Stream.of(wildcard.getLowerBounds()).forEach(bound -> mentioned(bound, found));
        }
    }

    private static Set<Class<?>> signature(Member member) {
        Set<Class<?>> found = new LinkedHashSet<>();
        if (member instanceof Field field) {
            mentioned(field.getGenericType(), found);
        } else if (member instanceof Executable executable) {
            Stream.of(executable.getGenericParameterTypes()).forEach(type -> mentioned(type, found));
            Stream.of(executable.getGenericExceptionTypes()).forEach(type -> mentioned(type, found));
            if (member instanceof Method method) {
                mentioned(method.getGenericReturnType(), found);
            }
        }
        return found;
    }

    @Test
    void pageListsExactlyWhatIsPromised() throws IOException {
        List<String> listed = Files.readString(PAGE)
                .lines()
                .filter(line -> line.startsWith("- `norma."))
                .toList();
        assertThat(listed)
                .isEqualTo(promised().stream().map(PublicApiTest::line).toList());
    }

    @Test
    void promisedSignatures_mentionPromisedTypesOnly() {
        List<Class<?>> promised = promised();
        List<String> found = new ArrayList<>();
        for (Class<?> type : promised) {
            for (Member member : promises(type)) {
                for (Class<?> mentioned : signature(member)) {
                    boolean known = mentioned.isPrimitive()
                            || promised.contains(mentioned)
                            || OTHERS.stream().anyMatch(mentioned.getName()::startsWith);
                    if (!known) {
                        found.add(member + " mentions " + mentioned.getName());
                    }
                }
            }
        }
        assertThat(promised).hasSizeGreaterThan(20);
        assertThat(found).isEmpty();
    }

    @Test
    void aPromise_isMadeOfPublicMembersOnly() {
        List<String> found = new ArrayList<>();
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("norma")
                .forEach(type -> {
                    type.getMembers().stream()
                            .filter(member -> member.isAnnotatedWith(PublicApi.class))
                            .filter(member -> !(member instanceof JavaField
                                    && type.isRecord())) // a component's mark goes to its field too
                            .filter(member ->
                                    !isPublic(type) || !member.getModifiers().contains(JavaModifier.PUBLIC))
                            .forEach(member -> found.add(member.getFullName()));
                    if (type.isAnnotatedWith(PublicApi.class) && !isPublic(type)) {
                        found.add(type.getName());
                    }
                });
        assertThat(found).isEmpty();
    }
}
