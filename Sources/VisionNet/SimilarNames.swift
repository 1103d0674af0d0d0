/// Finds what somebody may have meant who misspelt a name.
package enum SimilarNames {
    /// The names that begin with or contain a text, or otherwise the one spelled most like it; at most ten. Case is
    /// ignored, and blanks, `-` and `_` are treated alike.
    package static func of(_ text: String, among names: [String]) -> [String] {
        let key = key(text)
        let keys = names.map { (name: $0, key: Self.key($0)) }
        let beginning = keys.filter { $0.key.hasPrefix(key) }
        let containing = keys.filter { !$0.key.hasPrefix(key) && $0.key.contains(key) }
        let found = (beginning + containing).prefix(10).map(\.name)
        guard found.isEmpty else { return found }
        let closest = keys.map { (name: $0.name, distance: distance($0.key, key)) }
            .min { $0.distance < $1.distance }
        return closest.map { $0.distance <= max(1, key.count / 3) ? [$0.name] : [] } ?? []
    }

    /// The form of a name in which names that differ only in case and separators are the same.
    static func key(_ name: String) -> String {
        String(name.lowercased().map { $0 == "-" || $0 == "_" ? " " : $0 })
    }

    /// The number of characters to insert, remove or replace to turn one text into the other (V. I. Levenshtein, 1966).
    private static func distance(_ first: String, _ second: String) -> Int {
        let second = Array(second)
        var row = Array(0...second.count)
        for (index, character) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in second.indices {
                let replaced = diagonal + (character == second[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}
