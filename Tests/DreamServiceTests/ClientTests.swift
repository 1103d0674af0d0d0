import DreamService
import Foundation
import Imaging
import TestSupport
import Testing

/// Real clients, and what other clients send byte for byte.
@Suite(.ownThread) struct ClientTests {
    /// Runs a client of `Fixtures/Clients`, which checks that it gets the same dream for each of its requests.
    private func run(_ language: String, _ file: String, dreams: Int) async throws {
        let name = URL(fileURLWithPath: file)
        let script = try #require(
            Bundle.module.url(
                forResource: "Fixtures/Clients/" + name.deletingPathExtension().relativePath,
                withExtension: name.pathExtension))
        let command = try await ClientPrograms.command(for: language) + [script.path]
        try await TestFiles.withDirectory { directory in
            let photo = directory.appending(path: "photo.jpg")
            try Data(TestFiles.photo(width: 100, height: 90)).write(to: photo)
            try await TestService.run { service in
                let result = try await Subprocess.run(command + [service.url + "/deepdream", photo.path])
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.text == "\(dreams) dreams\n")
                #expect(service.counts() == JobQueue.Counts(done: dreams))
            }
        }
    }

    @Test("Python's requests")
    func requests() async throws { try await run("python", "requests_client.py", dreams: 5) }

    @Test(
        "Python's httpx",
        .enabled("python3-httpx is missing") { try await ClientPrograms.isTested(pythonPackage: "httpx") })
    func httpx() async throws { try await run("python", "httpx_client.py", dreams: 5) }

    @Test(
        "Python's aiohttp",
        .enabled("python3-aiohttp is missing") { try await ClientPrograms.isTested(pythonPackage: "aiohttp") })
    func aiohttp() async throws { try await run("python", "aiohttp_client.py", dreams: 6) }

    @Test("Node's fetch", .enabled(if: ClientPrograms.areTested("node"), "Node is missing"))
    func fetch() async throws { try await run("javascript", "fetch_client.mjs", dreams: 7) }

    @Test("Java's HttpClient", .enabled(if: ClientPrograms.areTested("java", "javac"), "Java is missing"))
    func java() async throws { try await run("java", "HttpClientClient.java", dreams: 5) }

    @Test("Go's net/http", .enabled(if: ClientPrograms.areTested("go"), "Go is missing"))
    func go() async throws { try await run("go", "http_client.go", dreams: 4) }

    /// A form as a client sends it, around the photo.
    struct WireFormat: Sendable, CustomTestStringConvertible {
        let client: String
        let contentType: String
        let head: String
        let tail: String
        var testDescription: String { client }
    }

    static let wireFormats = [
        WireFormat(
            client: "axios 1.3 to 1.7.9 in Node (axios/axios pull request 6661): a line end after the last boundary",
            contentType: "multipart/form-data; boundary=axios-1.7.9-boundary-X_x",
            head: "--axios-1.7.9-boundary-X_x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"p.jpg\"\r\n"
                + "Content-Type: image/jpeg\r\n\r\n",
            tail: "\r\n--axios-1.7.9-boundary-X_x--\r\n\r\n"),
        WireFormat(
            client: ".NET's MultipartFormDataContent (dotnet/runtime 72447): names without quotation marks",
            contentType: "multipart/form-data; boundary=\"0d5c1c4e-b1a0-4a7b-9ab5-8e5b0f6a2c11\"",
            head: "--0d5c1c4e-b1a0-4a7b-9ab5-8e5b0f6a2c11\r\nContent-Type: image/jpeg\r\n"
                + "Content-Disposition: form-data; name=image; filename=p.jpg; filename*=utf-8''p.jpg\r\n\r\n",
            tail: "\r\n--0d5c1c4e-b1a0-4a7b-9ab5-8e5b0f6a2c11\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Disposition: form-data; name=seed\r\n\r\n0\r\n--0d5c1c4e-b1a0-4a7b-9ab5-8e5b0f6a2c11--\r\n"),
        WireFormat(
            client: "Apache HttpClient 4.5 with a charset (opencpu/opencpu 292)",
            contentType: "multipart/form-data; boundary=CWVPsUn5_Gt-0n6f8m6jAx2-5Ph; charset=UTF-8",
            head: "--CWVPsUn5_Gt-0n6f8m6jAx2-5Ph\r\nContent-Disposition: form-data; name=\"image\"; "
                + "filename=\"p.jpg\"\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: binary\r\n\r\n",
            tail: "\r\n--CWVPsUn5_Gt-0n6f8m6jAx2-5Ph--\r\n"),
        WireFormat(
            client: "the HttpURLConnection code that many Android apps copied: a boundary of asterisks",
            contentType: "multipart/form-data;boundary=*****",
            head: "--*****\r\nContent-Disposition: form-data; name=\"image\";filename=\"/sdcard/p.jpg\"\r\n\r\n",
            tail: "\r\n--*****--\r\n"),
        WireFormat(
            client: "OkHttp: a length in each part",
            contentType: "multipart/form-data; boundary=3f1c8e7a-5b7e-4a53-8d2f-6f0d8f9f6c1b",
            head: "--3f1c8e7a-5b7e-4a53-8d2f-6f0d8f9f6c1b\r\nContent-Disposition: form-data; name=\"image\"; "
                + "filename=\"p.jpg\"\r\nContent-Type: image/jpeg\r\nContent-Length: 1234\r\n\r\n",
            tail: "\r\n--3f1c8e7a-5b7e-4a53-8d2f-6f0d8f9f6c1b--\r\n"),
        WireFormat(
            client: "Pharo's Zinc (exercism/exercism 4357): no blank after a semicolon",
            contentType: "multipart/form-data;boundary=zn-multipart",
            head: "--zn-multipart\r\nContent-Disposition:form-data;name=\"image\";filename=\"p.jpg\"\r\n"
                + "Content-Type:image/jpeg\r\n\r\n",
            tail: "\r\n--zn-multipart--"),
        WireFormat(
            client: "PHP's curl and old libcurl: a boundary that begins with dashes",
            contentType: "multipart/form-data; boundary=----------------------------d74496d66958",
            head: "------------------------------d74496d66958\r\nContent-Disposition: form-data; name=\"image\"; "
                + "filename=\"p.jpg\"\r\nContent-Type: application/octet-stream\r\n\r\n",
            tail: "\r\n------------------------------d74496d66958--\r\n"),
    ]

    @Test("what other clients send gives the same dream as curl's form", arguments: wireFormats)
    func wireFormat(_ format: WireFormat) async throws {
        let photo = try TestFiles.photo()
        let path = "/deepdream?steps=1&octaves=1&size=max:90"
        try await TestService.run { service in
            let expected = try await service.curl("-F", "image=@-", path, input: photo)
            let answer = try await service.curl(
                "--data-binary", "@-", "-H", "Content-Type: \(format.contentType)", path,
                input: Array(format.head.utf8) + photo + Array(format.tail.utf8))
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.body == expected.body)
        }
    }

    @Test("a data URL can come in a form without files")
    func urlEncoded() async throws {
        let photo = try TestFiles.photo()
        let path = "/deepdream?steps=1&octaves=1&size=max:90"
        try await TestService.run { service in
            let expected = try await service.curl("-F", "image=@-", path, input: photo)
            let answer = try await service.curl(
                "--data-urlencode", "image@-", path,
                input: Array("data:image/jpeg;base64,\(Data(photo).base64EncodedString())".utf8))
            #expect(answer.body == expected.body, "\(answer.status)")
        }
    }
}
