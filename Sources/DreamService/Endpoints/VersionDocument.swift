import Imaging

/// The answer to `GET /version`.
struct VersionDocument: Encodable {
    struct Formats: Encodable {
        /// The media types of photos.
        let photos: [String]
        /// The media types of answers.
        let answers: [String]
    }

    let name: String
    let version: String
    let formats: Formats

    static let current = VersionDocument(
        name: "deepdream-server", version: Version.current,
        formats: Formats(
            photos: ImageFormat.readable.map(\.mediaType), answers: AnswerType.offers.map(\.mediaType)))
}
