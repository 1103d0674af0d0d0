import DeepDream
import FoundationEssentials
import HTTPServer
import Imaging

extension Response {
    static func json(_ document: some Encodable, status: Int = 200) -> Response {
        Response(
            status: status, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: JSON.bytes(of: document))
    }

    /// Adds the request's identifier, which is also in the log.
    func identified(by id: String) -> Response {
        var response = self
        response.headers.append("X-Request-ID", id)
        return response
    }

    /// Clients may keep dreams, but ask again, with the entity tag, before they use them.
    private static let cacheControl = "private, no-cache"

    /// The response to a request whose client has the dream already.
    static func notModified(tag: String) -> Response {
        Response(status: 304, headers: ["ETag": tag, "Cache-Control": cacheControl, "Vary": "Accept"])
    }

    /// The response with a dream, its recipe and the time that each stage took.
    ///
    /// - Parameters:
    ///   - photoName: the name of the photo's file, from which the dream gets its own.
    ///   - tag: the answer's entity tag.
    ///   - queued: how long the job waited; nil if the dream was kept from an earlier request.
    static func dream(
        _ dream: JobResult, as type: AnswerType, photoName: String?, tag: String, queued: Duration?
    ) -> Response {
        let timings = queued.map { [(name: "queue", duration: $0)] + dream.stages } ?? []
        let timingText = timings.map { "\($0.name);dur=\($0.duration.milliseconds)" }.joined(separator: ", ")
        var headers: Headers = [
            "Content-Type": type.mediaType,
            "Cache-Control": cacheControl,
            "ETag": tag,
            "Vary": "Accept",
            "DeepDream-Recipe": dream.recipe.canonical,
            "Server-Timing": queued == nil ? "cache;desc=\"hit\"" : timingText,
        ]
        switch type {
        case .picture(let format):
            headers.append(
                "Content-Disposition",
                "inline; \(DreamFileName(photo: photoName, extension: format.fileExtension).parameters)")
            return Response(status: 200, headers: headers, body: dream.bytes).keeping(dream.memory)
        case .json:
            return Response(status: 200, headers: headers, body: JSON.bytes(of: DreamDocument(dream)))
                .keeping(dream.memory)
        }
    }

    /// The response with the memory that its body takes, which is free again when it has been sent.
    func keeping(_ memory: MemoryBudget.Share?) -> Response {
        var response = self
        response.reservation = memory
        return response
    }
}

extension Response {
    /// The result of a stored job.
    static func result(_ bytes: [UInt8], recipe: Recipe, photoName: String?, id: String) -> Response {
        Response(
            status: 200,
            headers: [
                "Content-Type": recipe.format.mediaType,
                "Content-Disposition":
                    "inline; \(DreamFileName(photo: photoName, extension: recipe.format.fileExtension).parameters)",
                "Cache-Control": cacheControl,
                "ETag": "\"\(id)\"",
                "DeepDream-Recipe": recipe.canonical,
            ],
            body: bytes)
    }
}

/// A dream as JSON.
private struct DreamDocument: Encodable {
    /// The picture as a data URL.
    let image: String
    /// The recipe's fields as text.
    let recipe: [String: String]

    init(_ dream: JobResult) {
        image = "data:\(dream.recipe.format.mediaType);base64,\(Data(dream.bytes).base64EncodedString())"
        recipe = Dictionary(
            Recipe.pairs(of: dream.recipe.canonical).map { ($0.name, $0.value) },
            uniquingKeysWith: { first, _ in first })
    }
}
