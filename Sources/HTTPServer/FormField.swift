/// One part of a `multipart/form-data` body, or one pair of an `application/x-www-form-urlencoded` body.
public struct FormField: Sendable {
    public let name: String
    /// The file name that the client sent, with bytes that are not UTF-8 replaced. It can have any length and any
    /// characters, so do not use it as a path.
    public let filename: String?
    public let contentType: String?
    public let value: [UInt8]
}
