import VisionNet

/// A model of a library.
public struct ModelEntry: Sendable {
    /// Where its file is.
    public enum Location: Hashable, Sendable {
        /// Built into the binary.
        case embedded
        /// A file at this path.
        case file(String)
    }

    /// The name to use for it: the file's name without its extension, or the embedded model's own name.
    public let name: String
    public let location: Location
    /// What its header says, or why it cannot be read.
    public let summary: Result<ModelSummary, ModelError>
}
