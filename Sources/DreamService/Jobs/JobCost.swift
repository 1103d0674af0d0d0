import DeepDream
import VisionNet

/// What a job will compute, as known before it starts.
package struct JobCost: Sendable, Equatable {
    /// What the speed depends on.
    package struct Kind: Hashable, Sendable {
        package let model: String
        package let precision: String

        package init(model: String, precision: String) {
            (self.model, self.precision) = (model, precision)
        }
    }

    package let kind: Kind
    /// The floating-point operations of all steps.
    package let operations: Double

    package init(kind: Kind, operations: Double) {
        (self.kind, self.operations) = (kind, operations)
    }

    /// - Parameters:
    ///   - model: the model that the recipe names.
    ///   - size: of the dream, in pixels.
    init(_ recipe: Recipe, model: VisionModel, size: (width: Int, height: Int)) {
        kind = Kind(model: recipe.model, precision: recipe.precision.rawValue)
        operations = recipe.operations(in: model, width: size.width, height: size.height)
    }

    /// - Parameters:
    ///   - name: the model's name in the catalogue.
    ///   - photo: the size of the photo, in pixels.
    init(_ question: SightQuestion, model: VisionModel, named name: String, photo: (width: Int, height: Int)) {
        kind = Kind(model: name, precision: Precision.full.rawValue)
        operations = question.operations(in: model, photoWidth: photo.width, height: photo.height)
    }
}
