/// Reads and writes the numbers of a recipe.
enum Text {
    /// The finite number that a text spells; nil if it spells none.
    static func number(in text: String) -> Double? {
        Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    /// The shortest decimal that is read back as the same number, without a trailing `.0`.
    static func of(number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }

    /// The finite numbers in a text, separated by commas; nil if a part spells none.
    static func numbers(in text: String) -> [Double]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { number(in: String($0)) }
        return numbers.count == parts.count ? numbers : nil
    }

    static func of(numbers: [Double]) -> String {
        numbers.map(of(number:)).joined(separator: ",")
    }

    /// The whole numbers in a text, separated by commas; nil if a part spells none.
    static func integers(in text: String) -> [Int]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == parts.count ? numbers : nil
    }

    /// `a, b or c`.
    static func alternatives(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.joined() }
        return "\(words.dropLast().joined(separator: ", ")) or \(last)"
    }
}
