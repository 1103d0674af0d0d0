import DeepDream

/// What a client wants to know of what a network sees, and how.
package struct SightTask: Sendable {
    /// The form of an answer.
    package enum Answer: Sendable {
        /// JSON.
        case document
        /// A contact sheet, as PNG.
        case sheet
    }

    package let question: SightQuestion
    package let answer: Answer
}
