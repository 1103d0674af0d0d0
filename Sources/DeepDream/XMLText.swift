/// Text in an XML document.
enum XMLText {
    /// In the order in which they are escaped: the ampersand first.
    private static let entities = [
        ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;"),
    ]

    static func escaped(_ text: String) -> String {
        entities.reduce(text) { $0.split(separator: $1.0, omittingEmptySubsequences: false).joined(separator: $1.1) }
    }

    static func unescaped(_ text: Substring) -> String {
        entities.reversed().reduce(String(text)) {
            $0.split(separator: $1.1, omittingEmptySubsequences: false).joined(separator: $1.0)
        }
    }
}
