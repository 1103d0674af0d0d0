import DeepDream
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

    /// The response with a dream, its recipe and the time that each stage took.
    static func dream(_ dream: JobResult, queued: Duration) -> Response {
        let timings = [(name: "queue", duration: queued)] + dream.stages
        return Response(
            status: 200,
            headers: [
                "Content-Type": dream.recipe.format.mediaType,
                "Content-Disposition": "inline; filename=\"dream.\(dream.recipe.format.fileExtension)\"",
                "Cache-Control": "no-store",
                "DeepDream-Recipe": dream.recipe.canonical,
                "Server-Timing": timings.map { "\($0.name);dur=\($0.duration.milliseconds)" }
                    .joined(separator: ", "),
            ],
            body: dream.bytes)
    }
}
