import ArgumentParser

/// Reads the options of a command by reflection, so that none can be declared and then forgotten.
enum GivenOptions {
    /// The options that were given, in the order of their declaration.
    ///
    /// - Parameters:
    ///   - options: parsed; only its properties `@Option var …: String?` count.
    ///   - separator: what stands between the words of a name: `queueLength` becomes `queue-length` with `-`.
    static func of(_ options: some ParsableArguments, separator: Character) -> [(name: String, value: String)] {
        Mirror(reflecting: options).children.compactMap { property in
            guard let label = property.label, let option = property.value as? Option<String?>,
                let value = option.wrappedValue
            else { return nil }
            return (name(ofProperty: label, separator: separator), value)
        }
    }

    /// The name of the option that a property wrapper's storage, such as `_queueLength`, belongs to.
    private static func name(ofProperty label: String, separator: Character) -> String {
        label.drop { $0 == "_" }.reduce(into: "") { name, character in
            if character.isUppercase { name.append(separator) }
            name.append(contentsOf: character.lowercased())
        }
    }
}
