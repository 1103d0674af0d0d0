import DeepDream
@testable import DreamService
import Glibc
@testable import HTTPServer
import VisionNet

/// The built-in model alone, as a service has it that has no other.
private let catalog = Result {
    try ModelCatalog(default: ModelCatalog.Entry(name: "embedded", model: VisionModel.embedded()))
}

/// The fields of a form as a dream's request and as a question to a network.
func readRequest(form fields: [FormField]) throws {
    try readRequest(.form(fields), headers: [:])
}

/// The body of a JSON request. The first byte chooses which one.
func readJSON(_ bytes: UnsafeRawBufferPointer) throws {
    guard let first = bytes.first else { return }
    let body = Array(bytes.dropFirst())
    _ = try catalog.get()
    let before = processorTime()
    if first & 1 == 1 {
        try answering { () throws(Problem) in
            let request = try EvolutionRequest(body)
            for recipe in request.recipes ?? [] { _ = Recipe.pairs(of: recipe) }
        }
    } else {
        try readRequest(.file(body), headers: ["Content-Type": "application/json"])
    }
    // An allowed document takes less than a second. There is no queue and no deadline where requests are read.
    let seconds = (processorTime() - before) / .seconds(1)
    require(seconds < 3, "\(body.count) bytes take \(seconds) seconds of a processor")
}

private func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

private func readRequest(_ body: RequestBody, headers: Headers) throws {
    let catalog = try catalog.get()
    let head = RequestHead(method: "POST", path: "/", query: [], headers: headers, peer: "192.0.2.1", id: "1")
    let request = Request(head: head, body: body, reservation: nil)
    try answering { () throws(Problem) in
        let request = try DreamRequest(request, catalog: catalog, defaultSize: .longerSide(512))
        try SizeLimit(maximumPixels: 1 << 22).check(request.recipe.size)
        if let callback = request.callback { try CallbackHosts(list: "a.example")?.check(callback) }
        let name = DreamFileName(photo: request.image?.name, extension: "png").parameters
        require(name.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "a file's name is no header: \(name)")
    }
    try answering { () throws(Problem) in _ = try SightRequest(request, catalog: catalog) }
}

/// Makes the answer that says what is wrong with a request.
private func answering(_ body: () throws(Problem) -> Void) throws {
    do throws(Problem) {
        try body()
    } catch {
        require(error.status < 500, "the service says that it is its own fault: \(error)")
        _ = error.response(to: "1")
    }
}

/// What the header fields of a request say to the service.
func readFields(_ head: RequestHead) throws {
    let proxies = AddressRange.list("10.0.0.0/8 ::/1") ?? []
    let client = ClientAddress.of(head, behind: proxies)
    require(client == head.peer || IPAddress(client)?.text == client, "\(client) is not an address")
    if let trace = TraceContext(head)?.trace { require(trace.utf8.count == 32, "\(trace) is not a trace") }
    _ = BodyType(head)
    _ = EntityTags(head.headers.values(of: "If-None-Match")).contains("\"1\"")
    _ = CrossOrigins(list: "https://a.example")?.fields(for: head)
    try answering { () throws(Problem) in
        _ = try AnswerType.wanted(accept: head.headers.values(of: "Accept"), format: nil)
    }
}

/// What a picture's file says about how it was made.
func readRecord(_ bytes: UnsafeRawBufferPointer) throws {
    guard let record = DreamRecord(of: Array(bytes)) else { return }
    require(record.recipe.utf8.count <= min(bytes.count, Recipe.longestText), "the recipe is longer than it may be")
    try readRequest(form: [FormField(name: "recipe", filename: "a", contentType: nil, value: Array(bytes))])
}
