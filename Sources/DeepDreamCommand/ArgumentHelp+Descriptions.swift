import ArgumentParser
import DeepDream
import DreamService

extension ArgumentHelp {
    /// The help for the recipe's field with this name.
    static func field(_ name: String) -> ArgumentHelp {
        guard let field = Recipe.fields.first(where: { $0.name == name }) else {
            preconditionFailure("a recipe has no field '\(name)'")
        }
        return ArgumentHelp("\(field.summary) (\(field.allowed))", valueName: "value")
    }

    /// The help for the service's setting with this name.
    static func setting(_ name: String) -> ArgumentHelp {
        guard let setting = ServiceConfiguration.settings.first(where: { $0.name == name }) else {
            preconditionFailure("there is no setting '\(name)'")
        }
        let initial = setting.defaultText.isEmpty ? "none" : setting.defaultText
        return ArgumentHelp(
            "\(setting.summary) (\(setting.allowed); default: \(initial))", valueName: "value")
    }
}
