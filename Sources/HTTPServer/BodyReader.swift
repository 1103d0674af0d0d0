/// Reads a request's body piece by piece as it arrives.
protocol BodyReader: AnyObject {
    func read(_ bytes: UnsafeRawBufferPointer) throws(RequestFailure)

    /// Ends the body. Called once, after the whole body has been read.
    func finish() throws(RequestFailure) -> RequestBody
}

/// Keeps the body as it is.
final class FileReader: BodyReader {
    private var content = PieceCollector()

    func read(_ bytes: UnsafeRawBufferPointer) {
        content.append(bytes)
    }

    func finish() -> RequestBody {
        defer { content = PieceCollector() }
        return .file(content.joined())
    }
}

extension Headers {
    /// A reader for the body that these headers announce.
    ///
    /// - Parameter takesFiles: whether a body may be something else than a form.
    /// - Throws: `unsupportedContentCoding`, `unsupportedMediaType` or `malformedForm`.
    func bodyReader(takesFiles: Bool, limits: FormLimits) throws(RequestFailure) -> any BodyReader {
        if let coding = self["Content-Encoding"], coding.lowercased() != "identity" {
            throw .unsupportedContentCoding(coding)
        }
        let contentType = self["Content-Type"]
        do throws(RequestFailure) {
            return switch try FormType(contentType: contentType) {
            case .multipart(let boundary): MultipartParser(boundary: boundary, limits: limits)
            case .urlEncoded: URLEncodedParser(limits: limits)
            }
        } catch {
            guard takesFiles, contentType != nil, case .unsupportedMediaType = error else { throw error }
            return FileReader()
        }
    }
}
