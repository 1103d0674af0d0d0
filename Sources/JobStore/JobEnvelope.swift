import Foundation

/// A job as it was submitted.
public struct JobEnvelope: Codable, Sendable, Equatable {
    /// The job's identifier, which nobody can guess.
    public let id: String
    /// What to dream, as the canonical text of a recipe.
    public let recipe: String
    /// What the client called the photo's file.
    public let photoName: String?
    /// The client's `Idempotency-Key`, and what identifies the content of its request.
    public let idempotencyKey, requestDigest: String?
    /// The identifier of the request that submitted the job, for logs.
    public let request: String
    /// The address that is told of the job's end; nil if nobody wants to be.
    public let callback: String?
    public let submitted: Date

    public init(
        id: String = Self.newIdentifier(), recipe: String, photoName: String? = nil, idempotencyKey: String? = nil,
        requestDigest: String? = nil, request: String, callback: String? = nil, submitted: Date = Date()
    ) {
        self.id = id
        self.recipe = recipe
        self.photoName = photoName
        self.idempotencyKey = idempotencyKey
        self.requestDigest = requestDigest
        self.request = request
        self.callback = callback
        self.submitted = submitted
    }

    /// 128 random bits as 32 hexadecimal digits.
    public static func newIdentifier() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Whether a text has the form of an identifier.
    public static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
