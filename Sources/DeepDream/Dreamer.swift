import Imaging
import VisionNet

/// How far a dream has come.
public struct DreamProgress: Sendable, Equatable {
    /// Steps done, of `totalSteps` over all octaves.
    public let step: Int
    public let totalSteps: Int
    /// The octave at work, from 1, of `octaves`.
    public let octave: Int
    public let octaves: Int
    /// The objective before this step.
    public let objective: Double
}

/// Runs recipes on one model. It owns a workspace that it reuses from dream to dream, so each worker has its own.
public final class Dreamer {
    public let model: VisionModel

    /// - Parameter threads: how many threads share the work of one picture.
    public init(model: VisionModel, threads: Int = 1) {
        self.model = model
    }

    /// The dream of a photo.
    ///
    /// - Parameter progress: called after each step; what it throws (a `CancellationError`, say) ends the dream.
    public func dream(
        _ photo: Image, recipe: Recipe, progress: (DreamProgress) throws -> Void = { _ in }
    ) throws -> Image {
        photo
    }
}
