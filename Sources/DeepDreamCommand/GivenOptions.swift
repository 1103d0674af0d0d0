import ArgumentParser

/// Lists the options that were given to a command. It uses reflection, so that no option can be forgotten.
enum GivenOptions {
    /// The names and values of the options that were given, in the order of their declaration.
    ///
    /// - Parameters:
    ///   - options: the parsed options. Only properties `@Option var …: String?` are listed.
    ///   - separator: put between the words of a name: with `-`, `queueLength` becomes `queue-length`.
    static func of(_ options: some ParsableArguments, separator: Character) -> [(name: String, value: String)] {
        Mirror(reflecting: options).children.compactMap { property in
            guard let label = property.label, let option = property.value as? Option<String?>,
                let value = option.wrappedValue
            else { return nil }
            return (name(ofProperty: label, separator: separator), value)
        }
    }

    /// The name of an option.
    ///
    /// - Parameter label: the name of its property wrapper, such as `_queueLength`.
    private static func name(ofProperty label: String, separator: Character) -> String {
        label.drop { $0 == "_" }.reduce(into: "") { name, character in
            if character.isUppercase { name.append(separator) }
            name.append(contentsOf: character.lowercased())
        }
    }
}
