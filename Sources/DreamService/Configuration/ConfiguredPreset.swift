import DeepDream

/// A preset of the configuration file: a name for the values of several fields.
public struct ConfiguredPreset: Equatable, Sendable {
    /// A field of a recipe.
    struct Field: Equatable, Sendable {
        let name, value: String
    }

    let name: String
    let fields: [Field]
    /// Where it is in the file.
    let source: ConfigurationError.Source

    /// Checks the name and the fields, as far as that is possible without a model.
    ///
    /// - Throws: `ConfigurationError.invalidPreset`.
    init(name: String, fields: [Field], source: ConfigurationError.Source) throws(ConfigurationError) {
        (self.name, self.fields, self.source) = (name, fields, source)
        guard (1...40).contains(name.utf8.count), name.utf8.allSatisfy(Self.isAllowed) else {
            throw error("its name can have 1 to 40 letters, digits, '-' and '_'")
        }
        guard !Preset.all.contains(where: { $0.name == name }) else {
            throw error("the program has a preset of this name; choose another")
        }
        var recipe = Recipe.plain(model: "")
        do throws(RecipeError) {
            try recipe.apply(pairs)
        } catch {
            throw self.error("\(error)")
        }
    }

    var pairs: [(name: String, value: String)] { fields.map { ($0.name, $0.value) } }

    /// As recipes use it.
    var preset: Preset { Preset(name: name, fields: pairs) }

    func error(_ reason: String) -> ConfigurationError { .invalidPreset(name: name, source: source, reason: reason) }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
