package norma.datasets.corpus;

import java.util.function.UnaryOperator;

/** Documents with something done to each. */
final class MappedDocuments extends Documents {
    private final Documents documents;
    private final UnaryOperator<String> change;

    MappedDocuments(Documents documents, UnaryOperator<String> change) {
        this.documents = documents;
        this.change = change;
    }

    @Override
    String read() {
        return documents.hasNext() ? change.apply(documents.next()) : null;
    }

    @Override
    public void close() {
        documents.close();
    }
}
